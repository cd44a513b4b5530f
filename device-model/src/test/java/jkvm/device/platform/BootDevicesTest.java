package jkvm.device.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.StateRoundTrip;
import jkvm.work.FakeClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BootDevicesTest {
    private final Rtc rtc = new Rtc("rtc", new FakeIrqLine(), new FakeClock(), 1 << 20, 0, 1);

    private BootDevices devices(String order, String once) {
        return new BootDevices("boot-devices", rtc, order, Optional.ofNullable(once));
    }

    private int cmos(int register) {
        rtc.writeByte(0, register);
        return rtc.readByte(1);
    }

    @ParameterizedTest
    @CsvSource({"cad, 0x12, 0x30", "c, 0x02, 0", "ndc, 0x34, 0x20", "d, 0x03, 0", "'', 0, 0"})
    void shouldPutTheOrderIntoTheClocksMemory(String order, int first, int third) {
        devices(order, null);
        assertEquals(first, cmos(0x3d));
        assertEquals(third, cmos(0x38));
    }

    @Test
    void shouldReturnToTheUsualOrderAtTheFirstReset() {
        BootDevices devices = devices("cad", "n");
        assertEquals(0x04, cmos(0x3d));
        assertEquals(0, cmos(0x38));
        devices.reset();
        assertEquals(0x12, cmos(0x3d));
        assertEquals(0x30, cmos(0x38));
    }

    @Test
    void shouldLeaveWhatTheGuestWroteAlone() {
        BootDevices devices = devices("cad", "n");
        devices.reset();
        rtc.putByte(0x3d, 0x33);
        devices.reset();
        assertEquals(0x33, cmos(0x3d));
    }

    @Test
    void shouldSaveWhetherTheOrderIsStillToChange() {
        BootDevices devices = devices("cad", "n");
        devices.reset();
        BootDevices other = devices("cad", "n");
        StateRoundTrip.copy(devices, other);
        other.reset();
        assertEquals(0x04, cmos(0x3d), "it had changed before");
    }
}
