package dev.canonica.autodiff.check;

import dev.canonica.autodiff.Var;
import java.util.function.Supplier;

/**
 * A call that must be refused with an {@link IllegalArgumentException}.
 *
 * @param message the exception's, whole
 * @param call what must throw it
 */
public record Refusal(String message, Supplier<Var> call) {
    /** An empty text if the call is refused as it should be, else what happened. */
    String complaint() {
        try {
            return "gives " + call.get() + " instead of refusing with '" + message + "'";
        } catch (IllegalArgumentException e) {
            return message.equals(e.getMessage())
                    ? ""
                    : "refuses with '" + e.getMessage() + "', not with '" + message + "'";
        } catch (RuntimeException e) {
            return "fails with " + e + ", not with '" + message + "'";
        }
    }
}
