package jkvm.bus;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What to tell the user about a file that cannot be used. */
public final class FileErrors {
    private FileErrors() {
    }

    /** Why it failed: Java's file exceptions have the path as their message and the reason in their type. */
    public static String reason(Exception failed) {
        return switch (failed) {
            case NoSuchFileException _ -> "no such file or directory";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException file when file.getReason() != null -> file.getReason();
            default -> failed.getMessage();
        };
    }
}
