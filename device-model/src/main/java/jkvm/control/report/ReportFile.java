package jkvm.control.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import jkvm.host.HostException;

/** Writes a page so that its file has either all of it or what it had before. */
final class ReportFile {
    private ReportFile() {
    }

    /**
     * Finds out before a run whether its end could write the file. What happens to the disk meanwhile shows then.
     *
     * @throws ReportException if the file is a folder, or its folder is missing or may not be written to
     */
    static void check(Path path) {
        if (Files.isDirectory(path)) {
            throw new ReportException(path, "Is a directory");
        }
        boolean isSpecial = Files.exists(path) && !Files.isRegularFile(path);
        try {
            Path folder = target(path).toAbsolutePath().getParent();
            if (!isSpecial && !Files.isDirectory(folder)) {
                throw new ReportException(path, "there is no folder " + folder);
            }
            if (!Files.isWritable(isSpecial ? path : folder)) {
                throw new ReportException(path, "permission denied");
            }
        } catch (IOException e) {
            throw new ReportException(path, HostException.reasonOf(e));
        }
    }

    /** The file at the end of symbolic links. */
    private static Path target(Path path) throws IOException {
        return Files.exists(path) ? path.toRealPath() : path;
    }

    /**
     * Writes a text to a file beside the wanted one and renames it. A device or a FIFO is written to itself.
     *
     * @throws IOException if the folder or the room is missing; what was written is removed
     */
    static void write(Path path, String text) throws IOException {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            Files.writeString(path, text);
            return;
        }
        Path target = target(path);
        Path part = target.resolveSibling(target.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        try {
            Files.writeString(part, text);
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(part);
            throw e;
        }
    }
}
