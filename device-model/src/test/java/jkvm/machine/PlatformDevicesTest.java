package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.RecordingMachineControl;
import jkvm.work.Workers;
import org.junit.jupiter.api.Test;

class PlatformDevicesTest {

    @Test
    void shouldCloseAllThatIsOpenAndThenSayWhatWasNotSaved() {
        PlatformDevices devices = new PlatformDevices(new HostClock(Duration.ZERO, Workers.onThreads()), new RecordingMachineControl(),
                Collections.nCopies(PlatformDevices.GSI_COUNT, new FakeIrqLine()));
        List<String> closed = new ArrayList<>();
        devices.closeLast(() -> closed.add("first opened"));
        for (String name : List.of("a", "b")) {
            devices.closeLast(() -> {
                throw new IOException("disk image " + name + ": not everything was saved");
            });
        }
        devices.closeLast(() -> closed.add("last opened"));

        String message = assertThrows(UncheckedIOException.class, devices::close).getMessage();

        assertEquals("disk image b: not everything was saved; disk image a: not everything was saved", message);
        assertEquals(List.of("last opened", "first opened"), closed);
        devices.close();
    }
}
