package dev.canonica.tensor.io;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an NPY header says. It is a Python literal, {@code {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }}, of which exactly these
 * three keys are accepted, in any order.
 */
record NpyHeader(DType dtype, boolean fortranOrder, Shape shape) {

    static NpyHeader parse(String where, String text) {
        return new Parser(where, text).header();
    }

    /** NumPy's name of a type. */
    static String descr(DType dtype) {
        return switch (dtype) {
            case F32 -> "<f4";
            case F64 -> "<f8";
            case F16 -> "<f2";
            case I64 -> "<i8";
            case I32 -> "<i4";
            case U8 -> "|u1";
            case BOOL -> "|b1";
            case BF16 -> throw new IllegalArgumentException("npy: NumPy has no BF16: convert to F32 first");
        };
    }

    private static final class Parser {
        private final String where;
        private final String text;
        private int at;

        Parser(String where, String text) {
            this.where = where;
            this.text = text;
        }

        NpyHeader header() {
            String descr = null;
            Boolean fortranOrder = null;
            List<Long> extents = null;
            expect('{');
            while (!accept('}')) {
                String key = string();
                expect(':');
                switch (key) {
                    case "descr" -> descr = once(key, descr, descr());
                    case "fortran_order" -> fortranOrder = once(key, fortranOrder, bool());
                    case "shape" -> extents = once(key, extents, tuple());
                    default -> throw damaged("unknown key '" + key + "'");
                }
                if (!accept(',')) {
                    expect('}');
                    break;
                }
            }
            skipSpace();
            if (at < text.length()) {
                throw damaged("text after the header's end");
            }
            if (descr == null || fortranOrder == null || extents == null) {
                throw damaged("descr, fortran_order and shape are needed");
            }
            DType dtype = dtype(descr);
            return new NpyHeader(dtype, fortranOrder, Extents.shape(where, dtype.name(), dtype.bytes(), extents));
        }

        private <T> T once(String key, @Nullable T before, T value) {
            if (before != null) {
                throw damaged("key '" + key + "' twice");
            }
            return value;
        }

        private DType dtype(String descr) {
            for (DType t : DType.values()) {
                if (t != DType.BF16 && NpyHeader.descr(t).equals(descr)) {
                    return t;
                }
            }
            String cure = descr.startsWith(">")
                    ? "big-endian data cannot be read; save it as '<" + descr.substring(1) + "'"
                    : "float16, float32, float64, int32, int64, uint8 and bool can be read";
            throw new FormatException(where + ": dtype '" + descr + "': " + cure);
        }

        private String descr() {
            skipSpace();
            if (at < text.length() && text.charAt(at) == '[') {
                throw new FormatException(where + ": a structured dtype: save each field as an array of its own");
            }
            return string();
        }

        private String string() {
            skipSpace();
            char quote = at < text.length() ? text.charAt(at) : ' ';
            int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
            if (end < 0) {
                throw damaged("a quoted string expected at character " + at);
            }
            String s = text.substring(at + 1, end);
            if (s.chars().anyMatch(c -> c < 0x20 || c == '\\')) {
                throw damaged("a plain string expected at character " + at);
            }
            at = end + 1;
            return s;
        }

        private boolean bool() {
            skipSpace();
            for (boolean value : new boolean[] {true, false}) {
                String word = value ? "True" : "False";
                if (text.startsWith(word, at)) {
                    at += word.length();
                    return value;
                }
            }
            throw damaged("True or False expected at character " + at);
        }

        private List<Long> tuple() {
            List<Long> extents = new ArrayList<>();
            expect('(');
            while (!accept(')')) {
                extents.add(integer());
                if (!accept(',')) {
                    expect(')');
                    break;
                }
            }
            return extents;
        }

        private long integer() {
            skipSpace();
            int start = at;
            if (at < text.length() && text.charAt(at) == '-') {
                at++;
            }
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            try {
                return Long.parseLong(text.substring(start, at));
            } catch (NumberFormatException e) {
                throw new FormatException(where + ": damaged header: an extent expected at character " + start, e);
            }
        }

        private boolean accept(char c) {
            skipSpace();
            if (at < text.length() && text.charAt(at) == c) {
                at++;
                return true;
            }
            return false;
        }

        private void expect(char c) {
            if (!accept(c)) {
                throw damaged("'" + c + "' expected at character " + at);
            }
        }

        private void skipSpace() {
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\n')) {
                at++;
            }
        }

        private FormatException damaged(String what) {
            return new FormatException(where + ": damaged header: " + what);
        }
    }
}
