package jkvm.device.e1000;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.host.net.Frames;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class E1000InterruptTest {
    private final E1000Fixture machine = new E1000Fixture();
    private final FakeDriver driver = new FakeDriver(machine).start();

    @BeforeEach
    void forgetWhatSettingUpCaused() {
        machine.read(Registers.ICR_OFFSET);
    }

    private boolean receive() {
        return machine.backend.offer(Frames.toNic(60));
    }

    @Test
    void shouldKeepMaskedCausesUntilTheyAreReadOrUnmasked() {
        machine.write(Registers.IMC_OFFSET, -1);
        assertTrue(receive());
        assertFalse(machine.interrupt());
        assertEquals(Registers.RXT0_BIT, machine.read(Registers.ICS_OFFSET), "reading ICS clears nothing");
        machine.write(Registers.IMS_OFFSET, Registers.RXT0_BIT);
        assertTrue(machine.interrupt());
        assertEquals(Registers.RXT0_BIT, machine.read(Registers.IMS_OFFSET));
        assertEquals(Registers.RXT0_BIT, machine.read(Registers.ICR_OFFSET));
        assertFalse(machine.interrupt());
        assertEquals(0, machine.read(Registers.ICR_OFFSET));
    }

    @Test
    void shouldClearACauseByWritingOneAndSetItByIcs() {
        machine.write(Registers.ICS_OFFSET, Registers.LSC_BIT | Registers.RXT0_BIT);
        assertTrue(machine.interrupt());
        machine.write(Registers.ICR_OFFSET, Registers.LSC_BIT);
        assertTrue(machine.interrupt());
        machine.write(Registers.ICR_OFFSET, Registers.RXT0_BIT);
        assertFalse(machine.interrupt());
    }

    @Test
    void shouldDelayAReceiveInterruptUntilTheWireIsQuiet() {
        machine.write(Registers.RDTR_OFFSET, 10);
        receive();
        machine.advanceNanos(9 * 1024);
        receive();
        machine.advanceNanos(9 * 1024);
        assertFalse(machine.interrupt());
        machine.advanceNanos(1024);
        assertTrue(machine.interrupt());
    }

    @Test
    void shouldNotDelayItForLongerThanTheAbsoluteTimer() {
        machine.write(Registers.RDTR_OFFSET, 10);
        machine.write(Registers.RADV_OFFSET, 15);
        receive();
        machine.advanceNanos(9 * 1024);
        receive();
        machine.advanceNanos(6 * 1024);
        assertTrue(machine.interrupt());
    }

    @Test
    void shouldFlushTheDelayWhenTold() {
        machine.write(Registers.RDTR_OFFSET, 1000);
        receive();
        assertFalse(machine.interrupt());
        machine.write(Registers.RDTR_OFFSET, 1000 | Registers.RDTR_FPD_BIT);
        assertTrue(machine.interrupt());
        assertEquals(1000, machine.read(Registers.RDTR_OFFSET));
    }

    @Test
    void shouldDelayATransmitInterruptOnlyForDescriptorsThatAllowIt() {
        machine.write(Registers.TIDV_OFFSET, 8);
        machine.write(Registers.TADV_OFFSET, 32);
        driver.putLegacy(Frames.toNic(60), FakeDriver.EOP | FakeDriver.RS | FakeDriver.IDE);
        driver.ring();
        assertFalse(machine.interrupt());
        machine.advanceNanos(8 * 1024);
        assertTrue(machine.interrupt());
        machine.read(Registers.ICR_OFFSET);
        driver.putLegacy(Frames.toNic(60), FakeDriver.EOP | FakeDriver.RS);
        driver.ring();
        assertTrue(machine.interrupt());
    }

    @Test
    void shouldKeepInterruptsApartByTheIntervalOfItr() {
        machine.write(Registers.ITR_OFFSET, 1000);
        receive();
        assertTrue(machine.interrupt(), "the first comes at once");
        machine.read(Registers.ICR_OFFSET);
        receive();
        assertFalse(machine.interrupt());
        machine.advanceNanos(1000 * 256 - 1);
        assertFalse(machine.interrupt());
        machine.advanceNanos(1);
        assertTrue(machine.interrupt());
    }

    @Test
    void shouldSayThatBuffersRunLowAndThatAFrameIsSmall() {
        machine.write(Registers.RSRPD_OFFSET, 64);
        receive();
        assertEquals(Registers.RXT0_BIT | Registers.SRPD_BIT, machine.read(Registers.ICR_OFFSET));
        driver.giveBack(2);
        machine.backend.offer(Frames.toNic(61));
        assertEquals(Registers.RXT0_BIT | Registers.RXDMT0_BIT, machine.read(Registers.ICR_OFFSET));
    }

    @Test
    void shouldBeSilentAfterAReset() {
        machine.write(Registers.RDTR_OFFSET, 10);
        receive();
        machine.write(Registers.CTRL_OFFSET, Registers.CTRL_RST_BIT);
        machine.write(Registers.IMS_OFFSET, -1);
        machine.advanceMillis(1);
        assertFalse(machine.interrupt());
    }
}
