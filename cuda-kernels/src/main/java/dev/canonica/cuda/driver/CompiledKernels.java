package dev.canonica.cuda.driver;

import dev.canonica.tensor.io.FormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Kernels compiled for the card at hand, where {@code -Dcanonica.cuda.nvrtc=true} asks for them, and kept on the disk. Whatever goes wrong here is said
 * once, and the PTX that is shipped does the work.
 *
 * <p>F32 and F64 are compiled. The other modules, which move, convert and draw, gain nothing and have to give the same bits everywhere.
 */
final class CompiledKernels {
    static final String PROPERTY = "canonica.cuda.nvrtc";

    /** Bytes of the cache: some dozen modules. */
    private static final long LIMIT = 64L << 20;

    private static final List<String> MODULES = List.of("f32", "f64");
    private static final System.Logger LOG = System.getLogger("dev.canonica.cuda");

    private final int capability;
    private final @Nullable Compiler compiler;
    private @Nullable ImageCache cache;
    private boolean failed;

    /** As the property says. */
    static CompiledKernels asked(int capability) {
        String asked = System.getProperty(PROPERTY, "false");
        return switch (asked) {
            case "false" -> none();
            case "true" -> {
                Path folder = ImageCache.usual(System.getenv(), System.getProperty("user.home"));
                yield new CompiledKernels(capability, Nvrtc::new, folder);
            }
            default ->
                throw new IllegalArgumentException("-D" + PROPERTY + ": '" + asked + "' is not one of true, false");
        };
    }

    /** The PTX alone. */
    static CompiledKernels none() {
        return new CompiledKernels();
    }

    private CompiledKernels() {
        this.capability = 0;
        this.compiler = null;
    }

    /**
     * For a card, with a cache in a folder.
     *
     * @param capability the card's compute capability, as 80
     */
    CompiledKernels(int capability, Supplier<Compiler> loader, Path folder) {
        this.capability = capability;
        this.compiler = load(loader);
        if (compiler != null) {
            try {
                cache = new ImageCache(folder, LIMIT);
            } catch (IOException e) {
                warn("kernels are compiled at every start, for they cannot be kept", e);
            }
        }
    }

    private static @Nullable Compiler load(Supplier<Compiler> loader) {
        try {
            return loader.get();
        } catch (UnsatisfiedLinkError e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "NVRTC 12 cannot be used (" + Natives.reason(e)
                            + "), so that the kernels are those that are shipped: put CUDA 12's libnvrtc.so.12 on LD_LIBRARY_PATH,"
                            + " or leave -D" + PROPERTY + "=true out");
            return null;
        }
    }

    /** A module, as the driver takes it; null if the PTX is to be taken. */
    synchronized byte @Nullable [] image(String module) {
        if (compiler == null || failed || !MODULES.contains(module)) {
            return null;
        }
        Compiler.Unit unit = KernelSources.unit(module);
        List<String> options = List.of("--gpu-architecture=sm_" + capability, "--std=c++17");
        String key = key(unit, options, compiler.version());
        byte[] kept = kept(key);
        if (kept != null) {
            return kept;
        }
        try {
            byte[] image = compiler.compile(unit, options);
            keep(key, image);
            return image;
        } catch (Compiler.CompilationException e) {
            failed = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    compiler.version() + " does not compile the kernels for compute capability " + capability / 10 + "."
                            + capability % 10 + ", so that those that are shipped are used: " + e.getMessage());
            return null;
        }
    }

    /** Notes that the driver does not take a module. */
    synchronized void refused(String module, String error) {
        failed = true;
        LOG.log(
                System.Logger.Level.WARNING,
                "the driver does not take " + module + " as it was compiled for this card (" + error
                        + "), so that the kernels are those that are shipped; is the driver older than NVRTC?");
    }

    static String key(Compiler.Unit unit, List<String> options, String version) {
        List<String> texts = new ArrayList<>(List.of(version, unit.name(), unit.text()));
        for (Map.Entry<String, String> header : unit.headers().entrySet()) {
            texts.add(header.getKey());
            texts.add(header.getValue());
        }
        texts.addAll(options);
        return Sha256.of(texts);
    }

    private byte @Nullable [] kept(String key) {
        try {
            return cache == null ? null : cache.get(key);
        } catch (IOException e) {
            warn("compiled kernels cannot be read", e);
            cache = null;
            return null;
        }
    }

    private void keep(String key, byte[] image) {
        try {
            if (cache != null) {
                cache.put(key, image);
            }
        } catch (IOException | FormatException e) {
            warn("kernels are compiled at every start, for they cannot be kept", e);
            cache = null;
        }
    }

    private static void warn(String what, Exception e) {
        LOG.log(System.Logger.Level.WARNING, what + ": " + e);
    }
}
