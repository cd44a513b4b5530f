package jkvm.machine.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.FfmSyscalls;
import jkvm.work.Workers;
import org.junit.jupiter.api.Test;

class HostSidesTest {

    @Test
    void shouldCloseAllThatIsOpenAndThenSayWhatWasNotSaved() {
        HostSides host = new HostSides(new FfmSyscalls(), _ -> new FakeChardev(), Workers.onThreads(),
                Map.of(), OptionalLong.empty());
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
}
