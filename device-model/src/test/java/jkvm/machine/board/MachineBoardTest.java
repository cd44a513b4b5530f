package jkvm.machine.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.RecordingMachineControl;
import jkvm.device.board.Board;
import jkvm.device.board.DeviceObserver;
import jkvm.device.board.Properties;
import jkvm.device.platform.PostPort;
import jkvm.device.testdev.PciTestdevType;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.RtcConfig;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.work.Workers;
import org.junit.jupiter.api.Test;

class MachineBoardTest {
    private final HostSides host = new HostSides(new FfmSyscalls(), _ -> new FakeChardev(), null,
            Map.of(), Map.of(), OptionalLong.empty());
    private final Workers workers = Workers.onThreads();
    private final MachineBoard board = new MachineBoard(new HostClock(Duration.ZERO, RtcConfig.Source.HOST, workers),
            new RecordingMachineControl(), workers,
            new GuestMemory(List.of(new MemoryRegion(0, MemorySegment.ofArray(new byte[1 << 20])))),
            Collections.nCopies(Board.GSI_COUNT, new FakeIrqLine()), host,
            DeviceObserver.NONE);

    private static Properties id(String id) {
        return Properties.NONE.withId(id);
    }

    private String named(Properties properties, String place) {
        String name = board.nameOf(properties, place);
        board.add(new PostPort(name));
        return name;
    }

    @Test
    void shouldNameADeviceByItsIdOrElseByItsPlace() {
        assertEquals("disk0", named(id("disk0"), "pci.3"));
        assertEquals("pci.4", named(Properties.NONE, "pci.4"));
    }

    @Test
    void shouldKeepTheUsersIdsForTheirDevicesWhateverTheOrder() {
        board.reserve(List.of(DeviceConfig.of(PciTestdevType.TYPE).withId("pci.3")));
        assertEquals("pci.3#1", named(Properties.NONE, "pci.3"));
        assertEquals("pci.3", named(id("pci.3"), "pci.4"));
    }

    @Test
    void shouldGiveADeviceAnotherNameWhereTheBoardHasOneOfThatName() {
        board.add(new PostPort("post"));
        assertEquals("post#1", named(id("post"), "pci.3"));
        assertThrows(IllegalArgumentException.class, () -> board.add(new PostPort("post")));
    }

    @Test
    void shouldEndDevicesBeforeTheirHostSidesInWhateverOrderTheyCame() {
        List<String> closed = new ArrayList<>();
        board.atEnd(() -> closed.add("first device"));
        host.closeAtEnd(() -> closed.add("host side"));
        board.atEnd(() -> closed.add("second device"));

        board.close();
        board.close();

        assertEquals(List.of("second device", "first device", "host side"), closed);
    }
}
