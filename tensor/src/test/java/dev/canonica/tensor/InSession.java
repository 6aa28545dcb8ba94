package dev.canonica.tensor;

import java.lang.reflect.Method;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** Runs the tests of a class in a session. */
public final class InSession implements InvocationInterceptor {
    private final UnaryOperator<Session> settings;

    /** With the settings that {@code settings} makes of the current ones. */
    public InSession(UnaryOperator<Session> settings) {
        this.settings = settings;
    }

    /** With an account of its own: what other tests have left for the collector is not in what these count. */
    public static InSession withOwnAccount() {
        return new InSession(session -> session.withMemoryLimit(1L << 30));
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> test, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        settings.apply(Session.current()).call(test::proceed);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> test, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        settings.apply(Session.current()).call(test::proceed);
    }
}
