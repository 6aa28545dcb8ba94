import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes a copy of a native library that asks for another library in place of one it was linked with: JCuda's natives are linked with CUDA 12's
 * cuBLAS, by a name that CUDA 13 does not have. The functions they call have the same signatures in both.
 *
 * <pre>
 *   java RebindNatives.java IN OUT OLD=NEW…        such as libcublas.so.12=libcublas.so.13; both names have the same length
 * </pre>
 *
 * <p>In the ELF file a library's name stands in .dynstr, as a library that is needed and as the version of its symbols, and .gnu.version_r has a hash of
 * that version beside each.
 */
public final class RebindNatives {
    private static final int STRING_TABLE = 3;
    private static final int NEEDED_VERSIONS = 0x6ffffffe;
    private static final int ALLOCATED = 2;

    private final ByteBuffer elf;

    private RebindNatives(byte[] file) {
        elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    }

    public static void main(String[] args) throws IOException {
        if (args.length < 3) {
            System.err.println("usage: java RebindNatives.java IN OUT OLD=NEW...");
            System.exit(2);
        }
        RebindNatives library = new RebindNatives(Files.readAllBytes(Path.of(args[0])));
        for (int i = 2; i < args.length; i++) {
            String[] names = args[i].split("=", -1);
            if (names.length != 2 || names[0].length() != names[1].length()) {
                System.err.println(args[i] + ": two names of the same length are needed, as in libcublas.so.12=libcublas.so.13");
                System.exit(2);
            }
            if (library.rebind(names[0], names[1]) == 0) {
                System.err.println(args[0] + ": does not name " + names[0]);
                System.exit(1);
            }
        }
        Files.write(Path.of(args[1]), library.elf.array());
    }

    /** Renames wherever the name stands, and says how often that was. */
    private int rebind(String from, String to) {
        int table = Math.toIntExact(elf.getLong(0x28));
        int size = elf.getShort(0x3a);
        int count = elf.getShort(0x3c);
        int renamed = 0;
        for (int section = table; section < table + size * count; section += size) {
            int type = elf.getInt(section + 4);
            int offset = Math.toIntExact(elf.getLong(section + 24));
            int length = Math.toIntExact(elf.getLong(section + 32));
            if (type == STRING_TABLE && (elf.getLong(section + 8) & ALLOCATED) != 0) {
                renamed += rename(offset, length, from, to);
            } else if (type == NEEDED_VERSIONS) {
                rehash(offset, hash(from), hash(to));
            }
        }
        return renamed;
    }

    private int rename(int offset, int length, String from, String to) {
        byte[] old = ("\0" + from + "\0").getBytes(StandardCharsets.US_ASCII);
        int renamed = 0;
        for (int i = offset; i + old.length <= offset + length; i++) {
            if (elf.slice(i, old.length).equals(ByteBuffer.wrap(old))) {
                elf.put(i + 1, to.getBytes(StandardCharsets.US_ASCII));
                renamed++;
            }
        }
        return renamed;
    }

    /** Elf64_Verneed (count at 2, first entry at 8, next at 12) and its Elf64_Vernaux (hash at 0, next at 12); offsets are relative. */
    private void rehash(int offset, int from, int to) {
        int file = offset;
        int nextFile;
        do {
            int entry = file + elf.getInt(file + 8);
            for (int i = 0; i < elf.getShort(file + 2); i++) {
                if (elf.getInt(entry) == from) {
                    elf.putInt(entry, to);
                }
                entry += elf.getInt(entry + 12);
            }
            nextFile = elf.getInt(file + 12);
            file += nextFile;
        } while (nextFile != 0);
    }

    /** The hash function of the System V ABI. */
    private static int hash(String name) {
        int h = 0;
        for (byte c : name.getBytes(StandardCharsets.US_ASCII)) {
            h = (h << 4) + c;
            int high = h & 0xf0000000;
            h = (h ^ high >>> 24) & ~high;
        }
        return h;
    }
}
