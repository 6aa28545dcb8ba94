package dev.canonica.tensor.io;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Device;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.memory.Addresses;
import dev.canonica.tensor.memory.NativeMemory;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32;

/** The bytes of a tensor's elements, to and from streams and files. The order is the machine's, which is little-endian wherever the JDK has vectors. */
final class RawBytes {
    private static final int CHUNK = 1 << 16;
    private static final int MAPPED = 1 << 30;

    private RawBytes() {}

    static long size(Tensor t) {
        return t.size() * t.dtype().bytes();
    }

    /** A tensor of a stream's next bytes, on the default device. */
    static Tensor read(InputStream in, DType dtype, Shape shape) throws IOException {
        Tensor t = Tensor.uninitialised(Device.cpu(), dtype, shape);
        read(in, t);
        return t.to(Device.byDefault());
    }

    private static void read(InputStream in, Tensor t) throws IOException {
        byte[] chunk = new byte[CHUNK];
        try (Addresses at = Addresses.open()) {
            long address = at.of(t);
            long left = size(t);
            while (left > 0) {
                int n = in.read(chunk, 0, (int) Math.min(CHUNK, left));
                if (n < 0) {
                    throw new EOFException(left + " bytes are missing at the end");
                }
                MemorySegment.copy(chunk, 0, NativeMemory.ALL, ValueLayout.JAVA_BYTE, address, n);
                address += n;
                left -= n;
            }
        }
    }

    /** A tensor of a file's bytes from {@code position} on, without a copy in between, on the default device. */
    static Tensor read(FileChannel in, long position, DType dtype, Shape shape) throws IOException {
        Tensor t = Tensor.uninitialised(Device.cpu(), dtype, shape);
        read(in, position, t);
        return t.to(Device.byDefault());
    }

    private static void read(FileChannel in, long position, Tensor t) throws IOException {
        try (Addresses at = Addresses.open()) {
            long address = at.of(t);
            for (long done = 0, bytes = size(t); done < bytes; ) {
                int n = in.read(view(address + done, bytes - done), position + done);
                if (n < 0) {
                    throw new EOFException(bytes - done + " bytes are missing at the end");
                }
                done += n;
            }
        }
    }

    static void write(OutputStream out, Tensor tensor) throws IOException {
        Tensor t = tensor.to(Device.cpu());
        byte[] chunk = new byte[CHUNK];
        try (Addresses at = Addresses.open()) {
            long address = at.of(t);
            long left = size(t);
            while (left > 0) {
                int n = (int) Math.min(CHUNK, left);
                MemorySegment.copy(NativeMemory.ALL, ValueLayout.JAVA_BYTE, address, chunk, 0, n);
                out.write(chunk, 0, n);
                address += n;
                left -= n;
            }
        }
    }

    static void update(CRC32 crc, Tensor tensor) {
        Tensor t = tensor.to(Device.cpu());
        try (Addresses at = Addresses.open()) {
            long address = at.of(t);
            for (long done = 0, bytes = size(t); done < bytes; done += MAPPED) {
                crc.update(view(address + done, bytes - done));
            }
        }
    }

    private static ByteBuffer view(long address, long bytes) {
        return NativeMemory.ALL.asSlice(address, Math.min(MAPPED, bytes)).asByteBuffer();
    }
}
