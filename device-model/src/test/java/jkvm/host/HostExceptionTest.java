package jkvm.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Java's file exceptions say by their type why a file failed. */
class HostExceptionTest {
    @TempDir
    private Path folder;

    private static String reason(Executable action) {
        return HostException.reasonOf(assertThrows(IOException.class, action));
    }

    @Test
    void shouldSayWhyAFileFailedWithoutItsName() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertEquals("file exists", reason(() -> Files.createDirectories(file)));
        assertEquals("no such file or directory", reason(() -> Files.size(folder.resolve("absent"))));
        assertEquals("Not a directory", reason(() -> Files.createFile(file.resolve("below"))));
    }
}
