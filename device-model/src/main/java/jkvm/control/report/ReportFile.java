package jkvm.control.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Writes a page so that its file has either all of it or what it had before. */
final class ReportFile {
    private ReportFile() {
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
        Path target = Files.exists(path, LinkOption.NOFOLLOW_LINKS) && Files.exists(path) ? path.toRealPath() : path;
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
