package jkvm.host;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/**
 * A host side cannot be opened or made. The message is one line without any front end's options: what failed, with
 * what, and why.
 */
public abstract class HostException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String reason;

    /**
     * @param action what failed, with its subject
     * @param reason why
     * @param cause  null if there is none
     */
    protected HostException(String action, String reason, Throwable cause) {
        super(action + ": " + reason, cause);
        this.reason = reason;
    }

    /** Why it failed, the end of the message. */
    public final String reason() {
        return reason;
    }

    /** Why a file failed: Java's file exceptions have the path as their message and the reason in their type. */
    public static String reasonOf(Exception e) {
        return switch (e) {
            case FileSystemException file when file.getReason() != null -> file.getReason();
            case NoSuchFileException _ -> "no such file or directory";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "file exists";
            default -> e.getMessage();
        };
    }
}
