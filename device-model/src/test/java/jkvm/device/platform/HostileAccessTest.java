package jkvm.device.platform;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import jkvm.bus.Device;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.IoHandler;
import jkvm.bus.IrqLine;
import jkvm.bus.RecordingMachineControl;
import jkvm.bus.StateRoundTrip;
import jkvm.device.serial.Serial16550;
import jkvm.device.testdev.PcTestdev;
import jkvm.host.chardev.FakeChardev;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.work.FakeClock;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No guest makes any of these devices throw, or hold more and more memory. */
class HostileAccessTest {
    private static final int ACCESSES = 20_000;

    private record Target(Device device, FakeClock clock, int length, IoHandler... handlers) {
        @Override
        public String toString() {
            return device.name();
        }
    }

    static Stream<Target> targets() {
        FakeClock clock = new FakeClock();
        RecordingMachineControl machine = new RecordingMachineControl();
        Serial16550 serial = new Serial16550("serial", new FakeIrqLine(), clock, new FakeChardev());
        I8042 i8042 = new I8042("i8042", new FakeIrqLine(), new FakeIrqLine(), clock, machine);
        Rtc rtc = new Rtc("rtc", new FakeIrqLine(), clock, 1 << 30, 0, 1);
        AcpiPm pm = new AcpiPm("acpi-pm", new FakeIrqLine(), clock, machine, false, true);
        FwCfg fwCfg = new FwCfg("fw-cfg", new GuestMemory(List.of(new MemoryRegion(0,
                MemorySegment.ofArray(new byte[4096])))));
        PcTestdev testdev = new PcTestdev("testdev", page -> { }, new IrqLine[] {new FakeIrqLine()});
        PostPort post = new PostPort("post");
        BochsShutdown bochs = new BochsShutdown("bochs", machine);
        Hpet hpet = new Hpet("hpet", clock, gsi -> new FakeIrqLine(), on -> { });
        Port92 port92 = new Port92("port92", machine);
        return Stream.of(new Target(serial, clock, Serial16550.PORTS, serial),
                new Target(i8042, clock, 1, i8042.data(), i8042.command()), new Target(rtc, clock, Rtc.PORTS, rtc),
                new Target(pm, clock, AcpiPm.PORTS, pm), new Target(fwCfg, clock, FwCfg.DMA_PORTS, fwCfg, fwCfg.dma()),
                new Target(testdev, clock, 4, testdev.latch(), testdev.flush(), testdev.interrupts()),
                new Target(testdev, clock, PcTestdev.MEMORY_SIZE, testdev.memory()),
                new Target(post, clock, PostPort.PORTS, post), new Target(bochs, clock, 1, bochs),
                new Target(hpet, clock, Hpet.SIZE, hpet), new Target(port92, clock, 1, port92));
    }

    @ParameterizedTest
    @MethodSource("targets")
    @DisplayName("accesses of any size, at a register's end and past it, neither throw nor grow the state")
    void shouldBearAnyAccess(Target target) {
        Random random = new Random(42);
        int size = StateRoundTrip.save(target.device()).length;
        for (int i = 0; i < ACCESSES; i++) {
            IoHandler handler = target.handlers()[random.nextInt(target.handlers().length)];
            long offset = random.nextInt(target.length() + 2);
            int width = 1 << random.nextInt(4);
            long value = random.nextLong() >>> 64 - 8 * width;
            assertDoesNotThrow(() -> {
                handler.write(offset, width, value);
                handler.read(offset, width);
            });
            target.clock().advanceNanos(random.nextInt(1_000_000));
        }
        assertTrue(StateRoundTrip.save(target.device()).length < size + 200);
        StateRoundTrip.copy(target.device(), target.device());
    }
}
