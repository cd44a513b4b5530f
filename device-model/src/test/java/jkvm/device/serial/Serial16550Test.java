package jkvm.device.serial;

import static jkvm.device.serial.UartRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.StateRoundTrip;
import jkvm.host.chardev.FakeChardev;
import jkvm.work.FakeClock;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Registers, the receiver and its FIFO, the device as a whole. */
class Serial16550Test extends Serial16550Fixture {
    /** One character of 8N1 at 9600 bit/s. */
    private static final long CHARACTER_NANOS = 10 * 1_000_000_000L / 9600;

    // Registers.

    @Test
    void shouldStartWithAnEmptyTransmitterAndNoInterrupt() {
        assertEquals(0, in(IER_DLM_OFFSET));
        assertEquals(MCR_OUT2_BIT, in(MCR_OFFSET));
        assertEquals(IIR_NONE, in(IIR_FCR_OFFSET));
        assertEquals(LSR_THRE_BIT | LSR_TEMT_BIT, in(LSR_OFFSET));
        assertEquals(MSR_CTS_BIT | MSR_DSR_BIT | MSR_DCD_BIT, in(MSR_OFFSET));
        assertFalse(irq.level());
    }

    @Test
    void shouldShowTheDivisorBehindDlabOnly() {
        out(LCR_OFFSET, LCR_DLAB_BIT);
        out(RBR_THR_DLL_OFFSET, 0x34);
        out(IER_DLM_OFFSET, 0x12);
        assertEquals(0x34, in(RBR_THR_DLL_OFFSET));
        assertEquals(0x12, in(IER_DLM_OFFSET));
        out(LCR_OFFSET, 0x03);
        assertEquals(0, in(IER_DLM_OFFSET));
        assertEquals("", host.text());
    }

    @Test
    void shouldTakeAWordWideWriteAsTwoRegisters() {
        out(LCR_OFFSET, LCR_DLAB_BIT);
        uart.write(RBR_THR_DLL_OFFSET, 2, 0x1234);
        assertEquals(0x1234, uart.read(RBR_THR_DLL_OFFSET, 2));
        assertEquals(0x12, in(IER_DLM_OFFSET));
    }

    @Test
    void shouldKeepTheScratchRegister() {
        out(SCR_OFFSET, 0x5a);
        assertEquals(0x5a, in(SCR_OFFSET));
    }

    @Test
    void shouldReadUnusedBitsOfIerAndMcrAsZero() {
        out(IER_DLM_OFFSET, 0xff);
        out(MCR_OFFSET, 0xff);
        assertEquals(0x0f, in(IER_DLM_OFFSET));
        assertEquals(0x1f, in(MCR_OFFSET));
    }

    @Test
    void shouldIgnoreWritesToStatusRegisters() {
        out(LSR_OFFSET, 0xff);
        out(MSR_OFFSET, 0xff);
        assertEquals(LSR_THRE_BIT | LSR_TEMT_BIT, in(LSR_OFFSET));
        assertEquals(0xb0, in(MSR_OFFSET));
    }

    @Test
    void shouldLookLikeA16550AToLinux() {
        // 8250 autoconfig: IER scratch test, loopback test, FIFO type, then tests for chips with more registers.
        out(IER_DLM_OFFSET, 0);
        assertEquals(0, in(IER_DLM_OFFSET) & 0x0f);
        out(IER_DLM_OFFSET, 0x0f);
        assertEquals(0x0f, in(IER_DLM_OFFSET));
        out(IER_DLM_OFFSET, 0);
        out(MCR_OFFSET, MCR_LOOP_BIT | MCR_OUT2_BIT | MCR_RTS_BIT);
        assertEquals(0x90, in(MSR_OFFSET) & 0xf0);
        out(MCR_OFFSET, 0);
        out(IIR_FCR_OFFSET, FCR_ENABLE_BIT);
        assertEquals(3, in(IIR_FCR_OFFSET) >> 6);
        out(LCR_OFFSET, LCR_DLAB_BIT);
        assertTrue(in(IIR_FCR_OFFSET) != 0, "no EFR of a 16650");
        out(LCR_OFFSET, 0xe0);
        assertEquals(0, in(IIR_FCR_OFFSET) & MCR_LOOP_BIT, "no EXCR1 of a NS16550A super I/O");
        out(LCR_OFFSET, LCR_DLAB_BIT);
        out(IIR_FCR_OFFSET, FCR_ENABLE_BIT | 0x20);
        assertEquals(6, in(IIR_FCR_OFFSET) >> 5, "no 64-byte FIFO of a 16750");
        out(LCR_OFFSET, 0);
        out(IER_DLM_OFFSET, 0x40);
        assertEquals(0, in(IER_DLM_OFFSET), "no UUE bit of an XScale");
    }

    @Test
    void shouldPassLinuxTestForLostThreInterrupts() {
        out(MCR_OFFSET, MCR_OUT2_BIT);
        out(IER_DLM_OFFSET, IER_THRE_BIT);
        int first = in(IIR_FCR_OFFSET);
        out(IER_DLM_OFFSET, 0);
        out(IER_DLM_OFFSET, IER_THRE_BIT);
        int second = in(IIR_FCR_OFFSET);
        assertEquals(List.of(IIR_THRE, IIR_THRE), List.of(first, second));
    }

    // Receiver.

    @Test
    void shouldReceiveOneByteWithoutFifo() {
        enable(IER_RDA_BIT);
        assertEquals(1, host.send("ab"));
        assertTrue(irq.level());
        assertEquals(IIR_RDA, in(IIR_FCR_OFFSET));
        assertEquals(LSR_DR_BIT, in(LSR_OFFSET) & LSR_DR_BIT);
        assertEquals('a', in(RBR_THR_DLL_OFFSET));
        assertFalse(irq.level());
        assertEquals(1, host.inputWantedCount());
    }

    @ParameterizedTest
    @CsvSource({"0x00, 1", "0x40, 4", "0x80, 8", "0xc0, 14"})
    void shouldInterruptWhenTheTriggerLevelIsReached(int fcr, int level) {
        enable(IER_RDA_BIT);
        enableFifo(fcr);
        send(level - 1);
        assertFalse(irq.level());
        send(1);
        assertTrue(irq.level());
        assertEquals(IIR_RDA | IIR_FIFO_MASK, in(IIR_FCR_OFFSET));
        in(RBR_THR_DLL_OFFSET);
        assertFalse(irq.level(), "below the level the interrupt goes away");
    }

    @Test
    void shouldTellTheHostOnceThatItHasRoomAgain() {
        enableFifo(0);
        assertEquals(16, host.send("0123456789abcdefXYZ"));
        assertEquals(0, uart.receivable());
        for (int i = 0; i < 16; i++) {
            assertEquals("0123456789abcdef".charAt(i), in(RBR_THR_DLL_OFFSET));
        }
        assertEquals(1, host.inputWantedCount());
        assertEquals(16, uart.receivable());
    }

    @Test
    void shouldReadZeroFromAnEmptyReceiver() {
        assertEquals(0, in(RBR_THR_DLL_OFFSET));
        assertEquals(0, in(LSR_OFFSET) & LSR_DR_BIT);
    }

    @Test
    void shouldInterruptFourCharacterTimesAfterTheLastByte() {
        enable(IER_RDA_BIT);
        enableFifo(0x80);
        send(1);
        clock.advanceNanos(3 * CHARACTER_NANOS);
        send(1);
        clock.advanceNanos(3 * CHARACTER_NANOS);
        assertFalse(irq.level());
        clock.advanceNanos(CHARACTER_NANOS + 10);
        assertTrue(irq.level());
        assertEquals(IIR_TIMEOUT | IIR_FIFO_MASK, in(IIR_FCR_OFFSET));
        assertEquals('a', in(RBR_THR_DLL_OFFSET));
        assertFalse(irq.level(), "reading clears it");
        clock.advanceNanos(4 * CHARACTER_NANOS + 10);
        assertTrue(irq.level(), "one byte is left, and nobody reads it");
    }

    @Test
    void shouldKeepAPendingTimeoutWhenAnotherByteComes() {
        enable(IER_RDA_BIT);
        enableFifo(0x80);
        send(1);
        clock.advanceMillis(100);
        send(1);
        assertEquals(List.of(true), irq.history());
    }

    @Test
    void shouldNotTimeOutWhenNothingWaitsOrNobodyListens() {
        enable(IER_RDA_BIT);
        enableFifo(0x80);
        send(2);
        in(RBR_THR_DLL_OFFSET);
        in(RBR_THR_DLL_OFFSET);
        assertEquals(0, clock.armedTimers());
        out(IER_DLM_OFFSET, 0);
        send(2);
        assertEquals(0, clock.armedTimers());
        out(IER_DLM_OFFSET, IER_RDA_BIT);
        assertEquals(1, clock.armedTimers());
    }

    @Test
    void shouldTimeOutEvenWithADivisorOfZero() {
        enable(IER_RDA_BIT);
        out(LCR_OFFSET, LCR_DLAB_BIT);
        uart.write(RBR_THR_DLL_OFFSET, 2, 0);
        out(LCR_OFFSET, 3);
        enableFifo(0x80);
        send(1);
        clock.advanceMillis(1);
        assertTrue(irq.level());
    }

    @Test
    @DisplayName("an overrun of the FIFO keeps its sixteen bytes, loses the new ones and says so once")
    void shouldReportAnOverrunOfTheFifo() {
        enable(IER_RLS_BIT);
        enableFifo(0xc0);
        host.force("0123456789abcdefLOST".getBytes());
        assertEquals(IIR_RLS | IIR_FIFO_MASK, in(IIR_FCR_OFFSET));
        assertTrue(irq.level());
        assertEquals(LSR_OE_BIT, in(LSR_OFFSET) & LSR_OE_BIT);
        assertEquals(0, in(LSR_OFFSET) & LSR_OE_BIT);
        assertFalse(irq.level());
        StringBuilder read = new StringBuilder();
        while ((in(LSR_OFFSET) & LSR_DR_BIT) != 0) {
            read.append((char) in(RBR_THR_DLL_OFFSET));
        }
        assertEquals("0123456789abcdef", read.toString());
    }

    @Test
    @DisplayName("an overrun without FIFO keeps the newest byte")
    void shouldReportAnOverrunWithoutFifo() {
        host.force((byte) 'a', (byte) 'b');
        assertEquals(LSR_OE_BIT | LSR_DR_BIT, in(LSR_OFFSET) & (LSR_OE_BIT | LSR_DR_BIT));
        assertEquals('b', in(RBR_THR_DLL_OFFSET));
        assertEquals(0, in(LSR_OFFSET) & LSR_DR_BIT);
    }

    @Test
    @DisplayName("a guest that loops back without reading overruns its own FIFO only")
    void shouldOverrunInLoopback() {
        out(MCR_OFFSET, MCR_LOOP_BIT);
        enableFifo(0);
        for (int i = 0; i < 1000; i++) {
            out(RBR_THR_DLL_OFFSET, i);
        }
        assertEquals(LSR_OE_BIT, in(LSR_OFFSET) & LSR_OE_BIT);
        for (int i = 0; i < 16; i++) {
            assertEquals(i, in(RBR_THR_DLL_OFFSET));
        }
        assertEquals(0, in(LSR_OFFSET) & LSR_DR_BIT);
        assertEquals("", host.text());
    }

    @Test
    void shouldReportABreakAsANulWithBi() {
        enable(IER_RLS_BIT);
        uart.breakReceived();
        assertEquals(IIR_RLS, in(IIR_FCR_OFFSET));
        assertEquals(LSR_BI_BIT | LSR_DR_BIT, in(LSR_OFFSET) & (LSR_BI_BIT | LSR_DR_BIT));
        assertEquals(LSR_DR_BIT, in(LSR_OFFSET) & (LSR_BI_BIT | LSR_DR_BIT));
        assertEquals(0, in(RBR_THR_DLL_OFFSET));
    }

    @Test
    void shouldClearTheReceiveFifoAndAskForMore() {
        enableFifo(0);
        host.send("0123456789abcdef");
        out(IIR_FCR_OFFSET, FCR_ENABLE_BIT | FCR_CLEAR_RX_BIT);
        assertEquals(0, in(LSR_OFFSET) & LSR_DR_BIT);
        assertEquals(1, host.inputWantedCount());
    }

    @Test
    void shouldClearBothFifosWhenTheyAreSwitched() {
        enableFifo(0);
        host.setRoom(0);
        out(RBR_THR_DLL_OFFSET, 'x');
        host.send("abc");
        out(IIR_FCR_OFFSET, 0);
        assertEquals(LSR_THRE_BIT | LSR_TEMT_BIT, in(LSR_OFFSET));
        assertEquals(IIR_NONE, in(IIR_FCR_OFFSET));
    }

    @Test
    void shouldIgnoreOtherFcrBitsWithoutTheEnableBit() {
        enable(IER_RDA_BIT);
        host.send("a");
        out(IIR_FCR_OFFSET, FCR_CLEAR_RX_BIT | 0xc0);
        assertEquals(LSR_DR_BIT, in(LSR_OFFSET) & LSR_DR_BIT);
        assertTrue(irq.level());
    }

    // Whole device.

    @ParameterizedTest
    @ValueSource(ints = {8, 9, 100})
    void shouldReadAllOnesBeyondItsPorts(int offset) {
        assertEquals(0xff, in(offset));
        out(offset, 1);
        assertEquals("", host.text());
    }

    @Test
    void shouldForgetEverythingOnReset() {
        enable(IER_MASK);
        enableFifo(0xc0);
        host.setRoom(0);
        out(RBR_THR_DLL_OFFSET, 'x');
        out(SCR_OFFSET, 1);
        host.send("abc");
        uart.reset();
        assertFalse(irq.level());
        assertEquals(0, clock.armedTimers());
        assertEquals(IIR_NONE, in(IIR_FCR_OFFSET));
        assertEquals(LSR_THRE_BIT | LSR_TEMT_BIT, in(LSR_OFFSET));
        assertEquals(0, in(SCR_OFFSET));
        assertEquals(MCR_OUT2_BIT, in(MCR_OFFSET));
    }

    @Test
    void shouldCarryItsStateIntoAnotherMachine() {
        enable(IER_RDA_BIT | IER_THRE_BIT);
        enableFifo(0x80);
        out(SCR_OFFSET, 0x77);
        host.send("abc");
        in(RBR_THR_DLL_OFFSET);
        host.setRoom(0);
        out(RBR_THR_DLL_OFFSET, 'x');
        out(RBR_THR_DLL_OFFSET, 'y');
        FakeIrqLine otherIrq = new FakeIrqLine();
        FakeClock otherClock = new FakeClock();
        FakeChardev otherHost = new FakeChardev();
        otherHost.setRoom(0);
        Serial16550 other = new Serial16550("serial0", otherIrq, otherClock, otherHost);

        StateRoundTrip.copy(uart, other);

        assertEquals(0x77, other.read(SCR_OFFSET, 1));
        otherClock.advanceMillis(100);
        assertEquals(IIR_TIMEOUT | IIR_FIFO_MASK, other.read(IIR_FCR_OFFSET, 1));
        assertTrue(otherIrq.level());
        assertEquals('b', other.read(RBR_THR_DLL_OFFSET, 1));
        otherHost.makeRoom(10);
        assertEquals("xy", otherHost.text());
    }
}
