package dev.canonica.tensor.io;

import dev.canonica.tensor.CanonicaException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A file that cannot be read or written as what it should be. The message is one line: the file, what is wrong, what would be right. */
public final class FormatException extends CanonicaException {
    private static final long serialVersionUID = 1L;

    /** The message as it is shown: one line that begins with the file. */
    public FormatException(String message) {
        super(message);
    }

    /** As without a cause, after another failure that the message has said in words. */
    public FormatException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The file could not be read or written at all. */
    public static FormatException of(Path file, String action, IOException e) {
        String reason = switch (e) {
            case NoSuchFileException n ->
                n.getFile().equals(file.toString()) ? "there is no such file" : "its folder does not exist";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "a file of that name is in the way";
            case ClosedByInterruptException _ -> "its thread was interrupted";
            case FileSystemException f when f.getReason() != null -> f.getReason();
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
        return new FormatException(file + ": cannot be " + action + ": " + reason, e);
    }
}
