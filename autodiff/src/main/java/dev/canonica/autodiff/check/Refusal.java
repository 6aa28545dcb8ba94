package dev.canonica.autodiff.check;

/**
 * A call that must be refused with an {@link IllegalArgumentException}.
 *
 * @param message the exception's, whole
 * @param call what must throw it
 */
public record Refusal(String message, Runnable call) {
    /** An empty text if the call is refused as it should be, else what happened. */
    String complaint() {
        try {
            call.run();
        } catch (IllegalArgumentException e) {
            return message.equals(e.getMessage())
                    ? ""
                    : "refuses with '" + e.getMessage() + "', not with '" + message + "'";
        } catch (RuntimeException e) {
            return "fails with " + e + ", not with '" + message + "'";
        }
        return "does not refuse with '" + message + "'";
    }
}
