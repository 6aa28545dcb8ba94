package dev.canonica.tensor;

import dev.canonica.tensor.memory.Account;
import dev.canonica.tensor.memory.Memory;
import dev.canonica.tensor.memory.Span;
import dev.canonica.tensor.memory.Workers;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a span of work: where tensors are made, how many threads share a kernel's jobs, how exact products are, and how much memory
 * tensors may own.
 *
 * <pre>
 *   Session.current().withThreads(2).withPrecision(ProductPrecision.BF16).run(() -&gt; model.features(…));
 * </pre>
 *
 * <p>It holds for the thread that calls {@link #run} or {@link #call}, until that returns, and in the jobs that {@link Workers} do for it meanwhile.
 * Threads that the caller starts by other means begin with the {@linkplain #byDefault default}. Sessions at work beside each other do not change each other's results:
 * each has its own settings, and its own account of memory if it has a limit of its own; the workers are shared. A session can be used again, and by several threads.
 *
 * <p>The default is that of the system properties {@code canonica.device} (cpu), {@code canonica.threads} (all processors) and {@code canonica.precision} (f32).
 */
public final class Session {
    /** The system property with the default's device, as on the command line. */
    public static final String DEVICE_PROPERTY = "canonica.device";

    /** The system property with the default's number of threads. */
    public static final String THREADS_PROPERTY = Workers.THREADS_PROPERTY;

    /** The system property with the default's precision: f32 or bf16. */
    public static final String PRECISION_PROPERTY = "canonica.precision";

    private static volatile @Nullable Session byDefault;

    private final Supplier<Device> device;
    private final int threads;
    private final ProductPrecision precision;
    private final @Nullable Accounts accounts;
    private final AtomicBoolean
            rounded; // whether products were rounded, in this session or one that differs from it in other settings
    private final Settings settings = new Settings();

    /** What the tensors of a session own, on each device. */
    private record Accounts(long limit, Map<Memory, Account> byPool) {}

    private Session(
            Supplier<Device> device,
            int threads,
            ProductPrecision precision,
            @Nullable Accounts accounts,
            AtomicBoolean rounded) {
        this.device = device;
        this.threads = threads;
        this.precision = precision;
        this.accounts = accounts;
        this.rounded = rounded;
    }

    /**
     * That of the system properties, which are read once.
     *
     * @throws IllegalArgumentException if one of them has a value that it cannot have
     */
    public static Session byDefault() {
        Session session = byDefault;
        if (session == null) {
            session = ofProperties(Workers.threadsByDefault());
            byDefault = session;
        }
        return session;
    }

    /** That of the system properties as they are now. */
    static Session ofProperties() {
        return ofProperties(Workers.threadsOfProperty());
    }

    private static Session ofProperties(int threads) {
        String name = System.getProperty(DEVICE_PROPERTY, "cpu");
        Supplier<Device> device = name.equals("cpu") ? Device::cpu : () -> Device.of(name);
        return new Session(device, threads, precisionOfProperty(), null, new AtomicBoolean());
    }

    /** That of the work that the calling thread does. */
    public static Session current() {
        return Span.current() instanceof Settings settings ? settings.session() : byDefault();
    }

    // ------------------------------------------------------------------------------------------------ settings

    /** As this, on a device. */
    public Session withDevice(Device chosen) {
        return withDevice(() -> chosen);
    }

    /** As this, on a device that is found whenever one is asked for: the same each time. */
    public Session withDevice(Supplier<Device> chosen) {
        return new Session(chosen, threads, precision, accounts, rounded);
    }

    /**
     * As this, on so many threads, the caller among them.
     *
     * @throws IllegalArgumentException if {@code n} is less than 1
     */
    public Session withThreads(int n) {
        if (n < 1) {
            throw new IllegalArgumentException("threads: " + n + " is not a positive number");
        }
        return new Session(device, n, precision, accounts, rounded);
    }

    /** As this, with products as exact as this says. */
    public Session withPrecision(ProductPrecision chosen) {
        return new Session(device, threads, chosen, accounts, new AtomicBoolean());
    }

    /**
     * As this, with a limit for its own tensors: those that are made in it, and in what is derived from it by other settings, until their memory goes back. That of
     * the device holds beside it.
     *
     * @param bytes that they may own on each device
     * @throws IllegalArgumentException if {@code bytes} is less than 1
     */
    public Session withMemoryLimit(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("memory limit: " + bytes + " is not a positive number of bytes");
        }
        return new Session(device, threads, precision, new Accounts(bytes, new ConcurrentHashMap<>()), rounded);
    }

    /**
     * As this, but tensors are booked to the session that is given, and count to its limit, not to this one's: for what belongs to it and outlasts this one's work, such as weights
     * that are read when they are first asked for.
     */
    public Session withMemoryOf(Session owner) {
        return new Session(device, threads, precision, owner.accounts, rounded);
    }

    /**
     * Where tensors are made that are not told where.
     *
     * @throws DeviceException if there is no such device
     */
    public Device device() {
        return device.get();
    }

    /** The number of threads that share a call's jobs, the caller among them. */
    public int threads() {
        return threads;
    }

    /** How exact products are. */
    public ProductPrecision precision() {
        return precision;
    }

    /**
     * Whether a product has been rounded since {@link #withPrecision} made this session, or that from which it came by other settings: not every network has products that
     * a precision is for.
     */
    public boolean hasRounded() {
        return rounded.get();
    }

    /** Notes that one was. */
    void rounds() {
        if (!rounded.get()) {
            rounded.set(true);
        }
    }

    /** What the pools and the workers see of a session. */
    private final class Settings extends Span {
        Session session() {
            return Session.this;
        }

        @Override
        public int threads() {
            return threads;
        }

        @Override
        public @Nullable Account account(Memory pool) {
            return accounts == null ? null : accounts.byPool.computeIfAbsent(pool, _ -> new Account(accounts.limit));
        }
    }

    // ------------------------------------------------------------------------------------------------ work

    /** Does work with these settings. */
    public void run(Runnable work) {
        settings.run(work);
    }

    /**
     * Gives what work with these settings gives.
     *
     * @throws X what the work throws
     */
    public <T, X extends Throwable> T call(ScopedValue.CallableOp<? extends T, X> work) throws X {
        return settings.call(work);
    }

    // ------------------------------------------------------------------------------------------------ properties

    private static ProductPrecision precisionOfProperty() {
        String property = System.getProperty(PRECISION_PROPERTY, "f32");
        for (ProductPrecision precision : ProductPrecision.values()) {
            if (precision.name().toLowerCase(Locale.ROOT).equals(property)) {
                return precision;
            }
        }
        throw new IllegalArgumentException(PRECISION_PROPERTY + ": f32 or bf16 is expected, not \"" + property + "\"");
    }
}
