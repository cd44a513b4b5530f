package jkvm.machine.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import jkvm.device.board.RandomSource;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.FfmSyscalls;
import jkvm.work.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostSidesTest {

    @Test
    void shouldCloseAllThatIsOpenAndThenSayWhatWasNotSaved() {
        HostSides host = new HostSides(new FfmSyscalls(), _ -> new FakeChardev(), Workers.onThreads(),
                Map.of(), Map.of(), OptionalLong.empty());
        List<String> closed = new ArrayList<>();
        host.closeAtEnd(() -> closed.add("first opened"));
        for (String name : List.of("a", "b")) {
            host.closeAtEnd(() -> {
                throw new IOException("disk image " + name + ": not everything was saved");
            });
        }
        host.closeAtEnd(() -> closed.add("last opened"));

        String message = assertThrows(UncheckedIOException.class, host::close).getMessage();

        assertEquals("disk image b: not everything was saved; disk image a: not everything was saved", message);
        assertEquals(List.of("last opened", "first opened"), closed);
        host.close();
    }

    @Test
    void shouldReadRandomBytesFromTheFileOfTheObject(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("random"), new byte[] {1, 2, 3});
        HostSides host = new HostSides(new FfmSyscalls(), _ -> new FakeChardev(), Workers.onThreads(),
                Map.of(), Map.of("r", file), OptionalLong.of(1));
        RandomSource source = host.random(Optional.of("r"), host::closeAtEnd);
        byte[] bytes = new byte[8];

        assertEquals(2, source.read(bytes, 2));
        assertEquals(1, source.read(bytes, 8));
        assertEquals(3, bytes[0]);
        assertEquals(0, source.read(bytes, 8), "its end");
        assertEquals(8, host.random(Optional.empty(), host::closeAtEnd).read(bytes, 8));
        host.close();
    }
}
