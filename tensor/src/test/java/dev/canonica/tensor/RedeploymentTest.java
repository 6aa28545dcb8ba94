package dev.canonica.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Class loaders with these classes go when nobody uses them: threads, memory, code and what threads keep go with them. {@code -Dcanonica.deployments=40} makes it more of them. */
class RedeploymentTest {
    private static final int DEPLOYMENTS = Integer.getInteger("canonica.deployments", 4);

    private static URL of(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation();
    }

    private static WeakReference<ClassLoader> deploy() throws Exception {
        Thread caller = Thread.currentThread();
        ClassLoader before = caller.getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {of(Tensor.class), of(Deployed.class)}, ClassLoader.getPlatformClassLoader())) {
            caller.setContextClassLoader(loader);
            Object application = loader.loadClass(Deployed.class.getName())
                    .getDeclaredConstructor()
                    .newInstance();
            assertThat(application.getClass().getClassLoader()).isSameAs(loader);
            assertThat(((Callable<?>) application).call()).asString().startsWith("sum ");
            return new WeakReference<>(loader);
        } finally {
            caller.setContextClassLoader(before);
        }
    }

    /** Mapped, anonymous, executable: where emitted code is. */
    private static long codePages() throws Exception {
        Path maps = Path.of("/proc/self/maps");
        if (!Files.exists(maps)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(maps)) {
            return lines.filter(line -> line.contains(" r-xp 00000000 00:00 0")).count();
        }
    }

    @Test
    void loadersGo() throws Exception {
        long pages = codePages();
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        for (int i = 0; i < DEPLOYMENTS; i++) {
            loaders.add(deploy());
        }
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (loaders.stream().anyMatch(l -> l.get() != null) && System.nanoTime() < end) {
            System.gc();
            Thread.sleep(100);
        }
        assertThat(loaders).allSatisfy(l -> assertThat(l.get()).isNull());
        while (codePages() > pages && System.nanoTime() < end) {
            System.gc();
            Thread.sleep(100);
        }
        assertThat(codePages()).isLessThanOrEqualTo(pages);
    }
}
