package dev.canonica.models;

import dev.canonica.tensor.DType;
import dev.canonica.tensor.Scope;
import dev.canonica.tensor.Session;
import dev.canonica.tensor.Shape;
import dev.canonica.tensor.Tensor;
import dev.canonica.tensor.io.Checkpoint;
import dev.canonica.tensor.operation.Finite;
import java.nio.file.Path;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a checkpoint in one type, each read when it is first asked for. What a network does not come to is never read: features
 * of an early layer read the early layers alone. Names, shapes and types are known without. They are booked to the session in which the checkpoint was opened, whichever is the first to need them.
 */
public final class LazyTensors extends AbstractMap<String, Tensor> {
    private final Checkpoint checkpoint;
    private final DType dtype;
    private final Session owner;
    private final List<String> names;
    private final Map<String, Tensor> read;
    private final Set<String> known;

    LazyTensors(Checkpoint checkpoint, DType dtype) {
        this(checkpoint, dtype, Session.current(), checkpoint.names(), new HashMap<>());
    }

    private LazyTensors(
            Checkpoint checkpoint, DType dtype, Session owner, Set<String> names, Map<String, Tensor> read) {
        this.checkpoint = checkpoint;
        this.dtype = dtype;
        this.owner = owner;
        this.names = new ArrayList<>(names);
        this.known = Set.copyOf(names);
        this.read = read;
    }

    /** The file that the tensors are in. */
    Path file() {
        return checkpoint.file();
    }

    /** The shape of a tensor, or null if there is none of this name. */
    @Nullable
    Shape shape(String name) {
        return known.contains(name) ? checkpoint.shape(name) : null;
    }

    /** The type that a tensor of the file is of that is not read; null if there is no such tensor. */
    @Nullable
    String unread(String name) {
        return checkpoint.unread().get(name);
    }

    /** The type that a tensor will have, or null if there is none of this name. */
    @Nullable
    DType dtype(String name) {
        return known.contains(name) ? typeOf(name) : null;
    }

    private DType typeOf(String name) {
        DType stored = checkpoint.dtype(name);
        return stored.isFloating() ? dtype : stored;
    }

    /** Bytes of all tensors once they are read. */
    long bytes() {
        return names.stream()
                .mapToLong(name -> checkpoint.shape(name).size() * typeOf(name).bytes())
                .sum();
    }

    /** Whether a tensor was asked for already. */
    public boolean isRead(String name) {
        synchronized (read) {
            return read.containsKey(name);
        }
    }

    /** These tensors in another order, or some of them; what one of the two maps has read, both have. */
    LazyTensors inOrder(Set<String> order) {
        return new LazyTensors(checkpoint, dtype, owner, order, read);
    }

    @Override
    public @Nullable Tensor get(@Nullable Object name) {
        if (!(name instanceof String s) || !known.contains(s)) {
            return null;
        }
        synchronized (read) {
            // the tensor outlives the scope and the session of whoever is the first to need it
            return read.computeIfAbsent(
                    s,
                    n -> Session.current()
                            .withMemoryOf(owner)
                            .call(() -> Scope.outside(() -> finite(n, checkpoint.read(n, typeOf(n))))));
        }
    }

    /** Weights that are not finite would go unnoticed where a maximum or a picture follows. */
    private Tensor finite(String name, Tensor t) {
        return Finite.checked(checkpoint.file() + ": tensor '" + name + "'", t);
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return name instanceof String s && known.contains(s);
    }

    @Override
    public int size() {
        return names.size();
    }

    @Override
    public Set<Entry<String, Tensor>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Entry<String, Tensor>> iterator() {
                return names.stream().<Entry<String, Tensor>>map(LazyEntry::new).iterator();
            }

            @Override
            public int size() {
                return names.size();
            }
        };
    }

    private final class LazyEntry implements Entry<String, Tensor> {
        private final String name;

        LazyEntry(String name) {
            this.name = name;
        }

        @Override
        public String getKey() {
            return name;
        }

        @Override
        public Tensor getValue() {
            return Objects.requireNonNull(get(name));
        }

        @Override
        public Tensor setValue(Tensor value) {
            throw new UnsupportedOperationException("the tensors of a checkpoint cannot be replaced");
        }
    }
}
