package dev.canonica.benchmarks.gpu;

import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.discovery.PackageNameFilter;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The project's own tests, as they are, on a real device. Those that need the emulated one have the tag {@code emulator} and are left out. */
final class DeviceTests {
    private DeviceTests() {}

    /** Runs the tests of a package and of those below it, without those of the emulated device: all classes, or these. */
    static void run(String part, String inPackage, List<String> classes, Results results) {
        String names = classes.isEmpty() ? "[^.]*" : String.join("|", classes);
        var request = LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectPackage(inPackage))
                .filters(
                        PackageNameFilter.includePackageNames(inPackage),
                        PackageNameFilter.excludePackageNames(inPackage + ".emulator"),
                        ClassNameFilter.includeClassNamePatterns(
                                "\\Q" + inPackage + "\\E[.]([^.]+[.])*(" + names + ")"),
                        TagFilter.excludeTags("emulator"))
                .build();
        Listener listener = new Listener(part, results);
        LauncherFactory.create().execute(request, listener);
        if (listener.tests == 0) {
            results.check(part, "tests", false, "none was found in " + inPackage);
        }
    }

    private static final class Listener implements TestExecutionListener {
        private final String part;
        private final Results results;
        private int tests;

        Listener(String part, Results results) {
            this.part = part;
            this.results = results;
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            boolean failed = result.getStatus() == Status.FAILED;
            if (!test.isTest() && !failed) {
                return;
            }
            tests++;
            String detail = result.getThrowable().map(Throwable::toString).orElse("");
            if (result.getStatus() == Status.ABORTED) {
                System.out.println("left out " + name(test) + ": " + detail);
                return;
            }
            results.check(part, name(test), !failed, detail);
            result.getThrowable().ifPresent(t -> t.printStackTrace(System.out));
        }

        /** Class and method, and what an invocation of it is called. */
        private static String name(TestIdentifier test) {
            return test.getSource()
                    .filter(MethodSource.class::isInstance)
                    .map(MethodSource.class::cast)
                    .map(s ->
                            s.getClassName().substring(s.getClassName().lastIndexOf('.') + 1) + "." + s.getMethodName())
                    .map(s -> test.getDisplayName().startsWith(s.substring(s.indexOf('.') + 1))
                            ? s
                            : s + " " + test.getDisplayName())
                    .orElse(test.getDisplayName());
        }
    }
}
