package dev.canonica.tensor.io;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Python's pickles of a closed world: numbers, texts, lists, tuples, dictionaries, and what a {@link World} makes. Nothing else can be named and nothing
 * is ever run. Work and memory are proportional to the pickle's length.
 *
 * <p>Values: {@link Long}, {@link Double}, {@link Boolean}, {@link String}, {@link #NONE}, {@code List} for lists, {@link Tuple}, {@code Map} for
 * dictionaries.
 *
 * @see <a href="https://github.com/python/cpython/blob/main/Lib/pickletools.py">pickletools</a>, which explains every opcode
 */
final class Unpickler {
    /** Python's None. */
    static final Object NONE = new Object() {
        @Override
        public String toString() {
            return "None";
        }
    };

    private static final int MAX_STACK = 1 << 20;
    private static final String BYTES = "bytes";
    private static final String SET = "a set";

    /** A tuple. */
    record Tuple(List<Object> items) {}

    /** A name that the pickle asks for, such as {@code collections.OrderedDict}. */
    record Global(String name) {}

    /** A value that nothing is known of but its kind: a set, bytes, a whole number of more than 64 bits, an object of a class that the world lets pass. */
    static final class Opaque {
        private final String kind;

        Opaque(String kind) {
            this.kind = kind;
        }

        @Override
        public String toString() {
            return kind;
        }
    }

    /** What a pickle may name, and what calls of it give. */
    interface World {
        /** Whether a pickle may name this. */
        boolean knows(String global);

        /** The result of calling a name. */
        Object call(Global global, List<Object> arguments);

        /** Gives an object its state: {@code __setstate__} or an update of {@code __dict__}. */
        void build(Object target, Object state);

        /** The object that is kept outside of the pickle under this identity. */
        Object persistent(Object id);
    }

    private final String where;
    private final ByteBuffer in;
    private final World world;
    private final List<Object> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    Unpickler(String where, byte[] pickle, World world) {
        this(where, ByteBuffer.wrap(pickle), world);
    }

    /** A pickle that begins where the buffer's position is, which is set behind it when it is loaded. */
    Unpickler(String where, ByteBuffer pickle, World world) {
        this.where = where;
        this.in = pickle.order(ByteOrder.LITTLE_ENDIAN);
        this.world = world;
    }

    /**
     * The value that the pickle stands for.
     *
     * @throws FormatException if it is damaged or names what the world does not know
     */
    Object load() {
        try {
            while (true) {
                int opcode = in.get() & 0xFF;
                if (opcode == '.') {
                    return pop();
                }
                step(opcode);
                if (stack.size() > MAX_STACK) {
                    throw damaged("too many values at once");
                }
            }
        } catch (BufferUnderflowException e) {
            throw new FormatException(where + ": damaged pickle: it ends too early", e);
        }
    }

    private FormatException damaged(String what) {
        return new FormatException(where + ": damaged pickle: " + what + ", before byte " + in.position());
    }

    private void step(int opcode) {
        switch (opcode) {
            case 0x80 -> protocol();
            case 0x95 -> in.getLong(); // FRAME: its length says nothing that is needed
            case 'N' -> push(NONE);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'J' -> push((long) in.getInt());
            case 'K' -> push((long) (in.get() & 0xFF));
            case 'M' -> push((long) (in.getShort() & 0xFFFF));
            case 0x8a -> push(whole(in.get() & 0xFF));
            case 0x8b -> push(whole(in.getInt()));
            case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
            case 'X' -> push(text(in.getInt()));
            case 0x8c -> push(text(in.get() & 0xFF));
            case 'U' -> push(bytes("a byte string", in.get() & 0xFF));
            case 'T' -> push(bytes("a byte string", in.getInt()));
            case 'C' -> push(bytes(BYTES, in.get() & 0xFF));
            case 'B' -> push(bytes(BYTES, in.getInt()));
            case 0x8e, 0x96 -> push(bytes(BYTES, in.getLong()));
            case 0x8f -> push(new Opaque(SET));
            case 0x90 -> {
                popToMark();
                top();
            }
            case 0x91 -> {
                popToMark();
                push(new Opaque(SET));
            }
            case '2' -> push(top());
            case '1' -> popToMark();
            case '}' -> push(new LinkedHashMap<>());
            case ']' -> push(new ArrayList<>());
            case ')' -> push(new Tuple(List.of()));
            case '(' -> marks.push(stack.size());
            case 't' -> push(new Tuple(popToMark()));
            case 0x85 -> push(new Tuple(popLast(1)));
            case 0x86 -> push(new Tuple(popLast(2)));
            case 0x87 -> push(new Tuple(popLast(3)));
            case 'a' -> append(popLast(1));
            case 'e' -> append(popToMark());
            case 's' -> setItems(popLast(2));
            case 'u' -> setItems(popToMark());
            case 'q' -> memo.put(in.get() & 0xFF, top());
            case 'r' -> memo.put(in.getInt(), top());
            case 0x94 -> memo.put(memo.size(), top());
            case 'h' -> push(memorised(in.get() & 0xFF));
            case 'j' -> push(memorised(in.getInt()));
            case '0' -> pop();
            case 'c' -> push(global(line(), line()));
            case 0x93 -> {
                List<Object> names = popLast(2);
                push(global(asText(names.get(0)), asText(names.get(1))));
            }
            case 'Q' -> push(world.persistent(pop()));
            case 'R', 0x81 -> call(popLast(2));
            case 'b' -> {
                Object state = pop();
                world.build(top(), state);
            }
            default ->
                throw new FormatException(where + ": pickle opcode 0x" + Integer.toHexString(opcode) + " at byte "
                        + (in.position() - 1) + " is not one that checkpoints need");
        }
    }

    private void protocol() {
        int version = in.get() & 0xFF;
        if (version < 2 || version > 5) {
            throw new FormatException(where + ": pickle protocol " + version + "; 2 to 5 can be read");
        }
    }

    /** A whole number of so many bytes. */
    private Object whole(int n) {
        if (n < 0 || n > in.remaining()) {
            throw damaged("a whole number of " + Integer.toUnsignedString(n) + " bytes");
        }
        if (n > 8) {
            in.position(in.position() + n);
            return new Opaque("a whole number of " + n + " bytes");
        }
        long v = 0;
        for (int i = 0; i < n; i++) {
            byte b = in.get();
            v |= (i == n - 1 ? (long) b : b & 0xFFL) << (8 * i);
        }
        return v;
    }

    private Opaque bytes(String kind, long length) {
        if (length < 0 || length > in.remaining()) {
            throw damaged(kind + " of " + Long.toUnsignedString(length) + " bytes");
        }
        in.position(in.position() + (int) length);
        return new Opaque(kind);
    }

    /** A text; Python writes lone surrogates as no UTF-8 has them. */
    private Object text(int length) {
        if (length < 0 || length > in.remaining()) {
            throw damaged("a text of " + Integer.toUnsignedString(length) + " bytes");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return new Opaque("a text that is not UTF-8");
        }
    }

    private String line() {
        int start = in.position();
        while (in.get() != '\n') {}
        byte[] bytes = new byte[in.position() - 1 - start];
        in.get(start, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String asText(Object o) {
        if (o instanceof String s) {
            return s;
        }
        throw damaged("a text is needed");
    }

    private Global global(String module, String name) {
        Global g = new Global(module + "." + name);
        if (!world.knows(g.name())) {
            throw new FormatException(where + ": '" + g.name()
                    + "' is not read: only tensors in plain containers are; save the model's state_dict() alone");
        }
        return g;
    }

    private void call(List<Object> callee) {
        if (callee.get(0) instanceof Global g && callee.get(1) instanceof Tuple arguments) {
            push(world.call(g, arguments.items()));
        } else if (callee.get(0) instanceof Opaque o) {
            push(o);
        } else {
            throw damaged("what is called is not a name");
        }
    }

    private void push(Object o) {
        stack.add(o);
    }

    private Object top() {
        if (stack.size() <= floor()) {
            throw damaged("a value is missing");
        }
        return stack.getLast();
    }

    private Object pop() {
        Object o = top();
        stack.removeLast();
        return o;
    }

    /** Values below the last mark cannot be reached before it is taken away. */
    private int floor() {
        return marks.isEmpty() ? 0 : Objects.requireNonNull(marks.peek());
    }

    private List<Object> popLast(int n) {
        Object[] values = new Object[n];
        for (int i = n - 1; i >= 0; i--) {
            values[i] = pop();
        }
        return Arrays.asList(values);
    }

    private List<Object> popToMark() {
        Integer mark = marks.poll();
        if (mark == null) {
            throw damaged("a mark is missing");
        }
        List<Object> tail = stack.subList(mark, stack.size());
        List<Object> values = new ArrayList<>(tail);
        tail.clear();
        return values;
    }

    private Object memorised(int key) {
        Object o = memo.get(key);
        if (o == null) {
            throw damaged("nothing was memorised as " + key);
        }
        return o;
    }

    @SuppressWarnings("unchecked")
    private void append(List<Object> values) {
        if (top() instanceof Opaque) {
            return;
        }
        if (!(top() instanceof List<?> list)) {
            throw damaged("a list is needed");
        }
        ((List<Object>) list).addAll(values);
    }

    @SuppressWarnings("unchecked")
    private void setItems(List<Object> values) {
        if (top() instanceof Opaque) {
            return;
        }
        if (!(top() instanceof Map<?, ?> map) || values.size() % 2 != 0) {
            throw damaged("a dictionary and pairs are needed");
        }
        for (int i = 0; i < values.size(); i += 2) {
            Object key = switch (values.get(i)) {
                case Tuple _ -> new Opaque("a tuple"); // hashing one may take longer than reading it
                case Object k
                when k instanceof List || k instanceof Map -> throw damaged("a key that is a list or a dictionary");
                case Object k -> k;
            };
            if (((Map<Object, Object>) map).put(key, values.get(i + 1)) != null) {
                throw new FormatException(where + ": key '" + key + "' is there twice");
            }
        }
    }
}
