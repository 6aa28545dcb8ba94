package dev.canonica.tensor.io;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The little of JSON that the header and the index of safetensors need, read strictly, token by token. */
final class JsonText {
    private static final int MAX_DEPTH = 100;

    private final String file;
    private final CharBuffer text;
    private int at;

    JsonText(String file, ByteBuffer utf8) {
        this.file = file;
        try {
            this.text = StandardCharsets.UTF_8.newDecoder().decode(utf8);
        } catch (CharacterCodingException e) {
            throw new FormatException(file + ": damaged header: not UTF-8", e);
        }
    }

    /** A member's name and the colon after it. */
    String key() {
        String s = string();
        expect(':');
        return s;
    }

    String string() {
        expect('"');
        StringBuilder s = new StringBuilder();
        while (true) {
            char c = next();
            if (c == '"') {
                return s.toString();
            }
            if (c < 0x20) {
                throw expected("a character other than a control character");
            }
            s.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    char h = next();
                    int digit = h < 0x80 ? Character.digit(h, 16) : -1;
                    if (digit < 0) {
                        throw expected("a hexadecimal digit");
                    }
                    code = 16 * code + digit;
                }
                yield (char) code;
            }
            default -> throw expected("an escape");
        };
    }

    /** An object of texts, each name once. */
    Map<String, String> strings() {
        Map<String, String> map = new LinkedHashMap<>();
        expect('{');
        if (!accept('}')) {
            do {
                String key = key();
                if (map.put(key, string()) != null) {
                    throw new FormatException(file + ": '" + key + "' is there twice");
                }
            } while (accept(','));
            expect('}');
        }
        return map;
    }

    /** Reads over any value; its numbers and words are not looked at closely. */
    void skip() {
        skip(0);
    }

    private void skip(int depth) {
        if (depth > MAX_DEPTH) {
            throw expected("nesting of at most " + MAX_DEPTH);
        }
        if (accept('{')) {
            if (!accept('}')) {
                do {
                    key();
                    skip(depth + 1);
                } while (accept(','));
                expect('}');
            }
        } else if (accept('[')) {
            if (!accept(']')) {
                do {
                    skip(depth + 1);
                } while (accept(','));
                expect(']');
            }
        } else if (at < text.length() && text.charAt(at) == '"') {
            string();
        } else {
            int start = at;
            while (at < text.length()
                    && (Character.isLetterOrDigit(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
                at++;
            }
            if (at == start) {
                throw expected("a value");
            }
        }
    }

    /** An array of whole numbers of at least 0. */
    List<Long> integers() {
        List<Long> list = new ArrayList<>();
        expect('[');
        if (!accept(']')) {
            do {
                list.add(integer());
            } while (accept(','));
            expect(']');
        }
        return list;
    }

    private long integer() {
        skipSpace();
        int start = at;
        long n = 0;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            int digit = text.charAt(at++) - '0';
            if (n > (Long.MAX_VALUE - digit) / 10) {
                throw expected("a number below 2^63");
            }
            n = 10 * n + digit;
        }
        if (at == start || (at > start + 1 && text.charAt(start) == '0')) {
            throw expected("a whole number of at least 0");
        }
        return n;
    }

    boolean accept(char c) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    void expect(char c) {
        if (!accept(c)) {
            throw expected("'" + c + "'");
        }
    }

    void end() {
        skipSpace();
        if (at < text.length()) {
            throw expected("nothing more");
        }
    }

    private char next() {
        if (at == text.length()) {
            throw expected("more");
        }
        return text.charAt(at++);
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private FormatException expected(String what) {
        return new FormatException(file + ": damaged header: " + what + " expected at character " + at);
    }

    /** A string as JSON. */
    static String quote(String s) {
        StringBuilder q = new StringBuilder("\"");
        for (char c : s.toCharArray()) {
            if (c == '"' || c == '\\') {
                q.append('\\').append(c);
            } else if (c < 0x20) {
                q.append(String.format("\\u%04x", (int) c));
            } else {
                q.append(c);
            }
        }
        return q.append('"').toString();
    }
}
