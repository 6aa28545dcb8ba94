package dev.canonica.tensor.io;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A zip archive whose entries are stored, not compressed, so that each is a span of the mapped file. Zip64 as well. Entries that overlap, lie
 * outside the file or are there twice are refused.
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">APPNOTE</a>, Sections 4.3 and 4.5.3
 */
final class StoredZip {
    private static final long LOCAL = 0x04034b50L;
    private static final long CENTRAL = 0x02014b50L;
    private static final long END = 0x06054b50L;
    private static final long END_64 = 0x06064b50L;
    private static final long LOCATOR_64 = 0x07064b50L;
    private static final int END_SIZE = 22;
    private static final int CENTRAL_SIZE = 46;
    private static final int LOCAL_SIZE = 30;
    private static final int MAX_COMMENT = 0xFFFF;
    private static final long FULL = 0xFFFFFFFFL;

    private final MappedFile file;
    private final Map<String, MemorySegment> entries = new LinkedHashMap<>();

    private record Span(String name, long from, long to) {}

    StoredZip(MappedFile file) {
        this.file = file;
        read(end());
    }

    /** The names of the entries, in the directory's order. */
    Iterable<String> names() {
        return entries.keySet();
    }

    /** An entry's bytes, or null if there is none of this name. */
    @Nullable
    MemorySegment entry(String name) {
        return entries.get(name);
    }

    private FormatException damaged(String what) {
        return new FormatException(file.path() + ": damaged or cut off: " + what);
    }

    private long end() {
        long last = file.size() - END_SIZE;
        for (long at = last; at >= 0 && at >= last - MAX_COMMENT; at--) {
            if (file.u32(at) == END && at + END_SIZE + file.u16(at + 20) == file.size()) {
                return at;
            }
        }
        throw damaged("the zip directory at the end is missing");
    }

    private void read(long end) {
        long count = file.u16(end + 10);
        long size = file.u32(end + 12);
        long start = file.u32(end + 16);
        if (end >= 20 && file.u32(end - 20) == LOCATOR_64) {
            long at = file.i64(end - 12);
            if (at < 0 || at > end - 20 - 56 || file.u32(at) != END_64) {
                throw damaged("the zip64 directory is not where it should be");
            }
            count = file.i64(at + 32);
            size = file.i64(at + 40);
            start = file.i64(at + 48);
        }
        if (start < 0 || size < 0 || start > end || size > end - start || count < 0 || count > size / CENTRAL_SIZE) {
            throw damaged("the zip directory does not lie in the file");
        }
        List<Span> spans = new ArrayList<>();
        long at = start;
        for (long i = 0; i < count; i++) {
            at = central(at, start + size, start, spans);
        }
        if (at != start + size) {
            throw damaged("the zip directory has " + (start + size - at) + " bytes too many");
        }
        spans.sort(Comparator.comparingLong(Span::from));
        for (int i = 1; i < spans.size(); i++) {
            if (spans.get(i).from() < spans.get(i - 1).to()) {
                throw damaged(
                        "'" + spans.get(i - 1).name() + "' and '" + spans.get(i).name() + "' overlap");
            }
        }
    }

    /** Reads one entry of the directory and returns where the next one begins. */
    private long central(long at, long end, long limit, List<Span> spans) {
        if (end - at < CENTRAL_SIZE || file.u32(at) != CENTRAL) {
            throw damaged("an entry of the zip directory is broken");
        }
        int nameLength = file.u16(at + 28);
        int extraLength = file.u16(at + 30);
        long next = at + CENTRAL_SIZE + nameLength + extraLength + file.u16(at + 32);
        if (next > end) {
            throw damaged("an entry of the zip directory is broken");
        }
        String name = file.utf8(at + CENTRAL_SIZE, nameLength);
        if ((file.u16(at + 8) & 1) != 0 || file.u16(at + 10) != 0) {
            throw new FormatException(file.path() + ": '" + name
                    + "' is compressed or encrypted; a checkpoint as torch.save writes it, uncompressed, is needed");
        }
        long[] sizes = {file.u32(at + 24), file.u32(at + 20), file.u32(at + 42)}; // size, compressed size, header
        extended(at + CENTRAL_SIZE + nameLength, extraLength, sizes);
        long header = sizes[2];
        if (sizes[0] != sizes[1] || sizes[0] < 0 || header < 0 || header > limit - LOCAL_SIZE) {
            throw damaged("entry '" + name + "' does not lie in the file");
        }
        if (file.u32(header) != LOCAL) {
            throw damaged("entry '" + name + "' is not where the directory says");
        }
        long data = header + LOCAL_SIZE + file.u16(header + 26) + file.u16(header + 28);
        if (data > limit || sizes[0] > limit - data) {
            throw damaged("entry '" + name + "' does not lie in the file");
        }
        if (entries.put(name, file.slice(data, sizes[0])) != null) {
            throw damaged("entry '" + name + "' is there twice");
        }
        spans.add(new Span(name, header, data + sizes[0]));
        return next;
    }

    /** Replaces the sizes that do not fit 32 bits by those of the zip64 field. */
    private void extended(long at, int length, long[] sizes) {
        long end = at + length;
        for (long field = at; field + 4 <= end; field += 4 + file.u16(field + 2)) {
            if (file.u16(field) == 1) {
                long value = field + 4;
                long fieldEnd = Math.min(end, value + file.u16(field + 2));
                for (int i = 0; i < sizes.length; i++) {
                    if (sizes[i] == FULL) {
                        if (value + 8 > fieldEnd) {
                            throw damaged("a zip64 field is too short");
                        }
                        sizes[i] = file.i64(value);
                        value += 8;
                    }
                }
                return;
            }
        }
    }
}
