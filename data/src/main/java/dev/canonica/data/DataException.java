package dev.canonica.data;

import dev.canonica.tensor.CanonicaException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Data that cannot be used: missing, corrupt or misnamed. The message is one line that names it and the cure. */
public sealed class DataException extends CanonicaException permits SetNameException {
    private static final long serialVersionUID = 1L;

    /** The message as it is shown: one line that begins with the file, folder or set. */
    public DataException(String message) {
        super(message);
    }

    /** As without a cause, after another failure that the message has said in words. */
    public DataException(String message, Throwable cause) {
        super(message, cause);
    }

    private DataException(String message, String command) {
        super(message, command);
    }

    /** What is cured by a command, which follows the message as a whole. */
    public static DataException curedBy(String command, String message) {
        return new DataException(message, command);
    }

    /** What failed on a file or an archive's entry, in one line. */
    public static DataException reading(Object file, IOException e) {
        return new DataException(file + ": cannot be read: " + reason(e), e);
    }

    /** Where an exception of the file system says no more than the name, its class says what happened. */
    public static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "no such file";
            case AccessDeniedException _ -> "permission denied";
            case NotDirectoryException _ -> "not a folder";
            case CharacterCodingException _ -> "not UTF-8";
            default -> {
                String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
                yield message.lines().findFirst().orElse("");
            }
        };
    }
}
