package jkvm.device.e1000;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.bus.StateRoundTrip;
import jkvm.host.net.Frames;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class E1000InterruptTest {
    private final E1000Fixture machine = new E1000Fixture();
    private final E1000Driver driver = new E1000Driver(machine).start();

    @BeforeEach
    void forgetWhatSettingUpCaused() {
        machine.read(RegisterMap.ICR_OFFSET);
    }

    private boolean receive() {
        return machine.backend.offer(Frames.toNic(60));
    }

    @Test
    void shouldKeepMaskedCausesUntilTheyAreReadOrUnmasked() {
        machine.write(RegisterMap.IMC_OFFSET, -1);
        assertTrue(receive());
        assertFalse(machine.interrupt());
        assertEquals(RegisterMap.RXT0_BIT, machine.read(RegisterMap.ICS_OFFSET), "reading ICS clears nothing");
        machine.write(RegisterMap.IMS_OFFSET, RegisterMap.RXT0_BIT);
        assertTrue(machine.interrupt());
        assertEquals(RegisterMap.RXT0_BIT, machine.read(RegisterMap.IMS_OFFSET));
        assertEquals(RegisterMap.RXT0_BIT, machine.read(RegisterMap.ICR_OFFSET));
        assertFalse(machine.interrupt());
        assertEquals(0, machine.read(RegisterMap.ICR_OFFSET));
    }

    @Test
    void shouldClearACauseByWritingOneAndSetItByIcs() {
        machine.write(RegisterMap.ICS_OFFSET, RegisterMap.LSC_BIT | RegisterMap.RXT0_BIT);
        assertTrue(machine.interrupt());
        machine.write(RegisterMap.ICR_OFFSET, RegisterMap.LSC_BIT);
        assertTrue(machine.interrupt());
        machine.write(RegisterMap.ICR_OFFSET, RegisterMap.RXT0_BIT);
        assertFalse(machine.interrupt());
    }

    @Test
    void shouldDelayAReceiveInterruptUntilTheWireIsQuiet() {
        machine.write(RegisterMap.RDTR_OFFSET, 10);
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
        machine.write(RegisterMap.RDTR_OFFSET, 10);
        machine.write(RegisterMap.RADV_OFFSET, 15);
        receive();
        machine.advanceNanos(9 * 1024);
        receive();
        machine.advanceNanos(6 * 1024);
        assertTrue(machine.interrupt());
    }

    @Test
    void shouldFlushTheDelayWhenTold() {
        machine.write(RegisterMap.RDTR_OFFSET, 1000);
        receive();
        assertFalse(machine.interrupt());
        machine.write(RegisterMap.RDTR_OFFSET, 1000 | RegisterMap.RDTR_FPD_BIT);
        assertTrue(machine.interrupt());
        assertEquals(1000, machine.read(RegisterMap.RDTR_OFFSET));
    }

    @Test
    void shouldDelayATransmitInterruptOnlyForDescriptorsThatAllowIt() {
        machine.write(RegisterMap.TIDV_OFFSET, 8);
        machine.write(RegisterMap.TADV_OFFSET, 32);
        driver.putLegacy(Frames.toNic(60), E1000Driver.EOP | E1000Driver.RS | E1000Driver.IDE);
        driver.ring();
        assertFalse(machine.interrupt());
        machine.advanceNanos(8 * 1024);
        assertTrue(machine.interrupt());
        machine.read(RegisterMap.ICR_OFFSET);
        driver.putLegacy(Frames.toNic(60), E1000Driver.EOP | E1000Driver.RS);
        driver.ring();
        assertTrue(machine.interrupt());
    }

    @Test
    void shouldKeepInterruptsApartByTheIntervalOfItr() {
        machine.write(RegisterMap.ITR_OFFSET, 1000);
        receive();
        assertTrue(machine.interrupt(), "the first comes at once");
        machine.read(RegisterMap.ICR_OFFSET);
        receive();
        assertFalse(machine.interrupt());
        machine.advanceNanos(1000 * 256 - 1);
        assertFalse(machine.interrupt());
        machine.advanceNanos(1);
        assertTrue(machine.interrupt());
    }

    @Test
    void shouldSayThatBuffersRunLowAndThatAFrameIsSmall() {
        machine.write(RegisterMap.RSRPD_OFFSET, 64);
        receive();
        assertEquals(RegisterMap.RXT0_BIT | RegisterMap.SRPD_BIT, machine.read(RegisterMap.ICR_OFFSET));
        driver.giveBack(2);
        machine.backend.offer(Frames.toNic(61));
        assertEquals(RegisterMap.RXT0_BIT | RegisterMap.RXDMT0_BIT, machine.read(RegisterMap.ICR_OFFSET));
    }

    @Test
    void shouldDelayAnInterruptInAnotherMachineForWhatWasLeft() {
        machine.write(RegisterMap.RDTR_OFFSET, 10);
        receive();
        machine.advanceNanos(4 * 1024);

        E1000Fixture next = nextMachine();

        next.advanceNanos(6 * 1024 - 1);
        assertFalse(next.interrupt());
        next.advanceNanos(1);
        assertTrue(next.interrupt());
        assertEquals(RegisterMap.RXT0_BIT, next.read(RegisterMap.ICR_OFFSET));
        assertFalse(next.interrupt());
    }

    @Test
    void shouldKeepInterruptsApartInAnotherMachineForWhatWasLeft() {
        machine.write(RegisterMap.ITR_OFFSET, 1000);
        receive();
        machine.read(RegisterMap.ICR_OFFSET);
        receive();
        machine.advanceNanos(300 * 256);

        E1000Fixture next = nextMachine();

        assertFalse(next.interrupt(), "held back");
        next.advanceNanos(700 * 256 - 1);
        assertFalse(next.interrupt());
        next.advanceNanos(1);
        assertTrue(next.interrupt());
    }

    @Test
    void shouldAssertItsPinInAnotherMachine() {
        receive();
        assertTrue(machine.interrupt());

        E1000Fixture next = nextMachine();

        assertTrue(next.interrupt());
        assertEquals(RegisterMap.RXT0_BIT, next.read(RegisterMap.ICR_OFFSET));
        assertFalse(next.interrupt());
    }

    /** Goes on from this machine's state, at another moment of its own clock. */
    private E1000Fixture nextMachine() {
        E1000Fixture next = new E1000Fixture();
        next.clock.advanceMillis(77);
        StateRoundTrip.copy(machine.nic, next.nic);
        return next;
    }

    @Test
    void shouldBeSilentAfterAReset() {
        machine.write(RegisterMap.RDTR_OFFSET, 10);
        receive();
        machine.write(RegisterMap.CTRL_OFFSET, RegisterMap.CTRL_RST_BIT);
        machine.write(RegisterMap.IMS_OFFSET, -1);
        machine.advanceMillis(1);
        assertFalse(machine.interrupt());
    }
}
