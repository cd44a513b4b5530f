package jkvm.device.serial;

import static jkvm.device.serial.UartRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import jkvm.host.chardev.CharDevice;
import jkvm.host.chardev.Chardev;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The transmitter, interrupts, modem lines and loopback, and what threads see of them. */
class Serial16550FlowTest extends Serial16550Fixture {
    // Transmitter.

    @Test
    void shouldSendToTheHostAtOnce() {
        out(RBR_THR_DLL_OFFSET, 'H');
        out(RBR_THR_DLL_OFFSET, 'i');
        assertEquals("Hi", host.text());
        assertEquals(LSR_THRE_BIT | LSR_TEMT_BIT, in(LSR_OFFSET));
    }

    @Test
    void shouldRaiseOneInterruptForEachByteSent() {
        enable(IER_THRE_BIT);
        assertEquals(IIR_THRE, in(IIR_FCR_OFFSET));
        irq.clear();
        for (int i = 0; i < 3; i++) {
            out(RBR_THR_DLL_OFFSET, 'x');
        }
        assertEquals(3, irq.edges());
        assertTrue(irq.level());
    }

    @Test
    void shouldClearTheThreInterruptWhenIirShowsIt() {
        enable(IER_THRE_BIT);
        assertTrue(irq.level());
        assertEquals(IIR_THRE, in(IIR_FCR_OFFSET));
        assertFalse(irq.level());
        assertEquals(IIR_NONE, in(IIR_FCR_OFFSET));
    }

    @Test
    void shouldNotClearTheThreInterruptWhenIirShowsAnother() {
        enable(IER_THRE_BIT | IER_RDA_BIT);
        host.send("a");
        assertEquals(IIR_RDA, in(IIR_FCR_OFFSET));
        in(RBR_THR_DLL_OFFSET);
        assertEquals(IIR_THRE, in(IIR_FCR_OFFSET));
    }

    @Test
    void shouldNotRaiseThreAgainWhenItIsEnabledAlready() {
        enable(IER_THRE_BIT);
        in(IIR_FCR_OFFSET);
        out(IER_DLM_OFFSET, IER_THRE_BIT | IER_RDA_BIT);
        assertEquals(IIR_NONE, in(IIR_FCR_OFFSET));
    }

    @Test
    void shouldKeepBytesThatTheHostRefusesUntilItIsWritable() {
        enable(IER_THRE_BIT);
        in(IIR_FCR_OFFSET);
        host.setRoom(0);
        out(RBR_THR_DLL_OFFSET, 'x');
        assertEquals(0, in(LSR_OFFSET) & (LSR_THRE_BIT | LSR_TEMT_BIT));
        assertFalse(irq.level());

        host.makeRoom(10);

        assertEquals("x", host.text());
        assertEquals(LSR_THRE_BIT | LSR_TEMT_BIT, in(LSR_OFFSET));
        assertTrue(irq.level());
    }

    @Test
    void shouldKeepWhatIsLeftWhenTheHostTakesAPart() {
        enableFifo(0);
        host.setRoom(0);
        "0123456789".chars().forEach(c -> out(RBR_THR_DLL_OFFSET, c));
        host.makeRoom(4);
        assertEquals("0123", host.text());
        assertEquals(0, in(LSR_OFFSET) & LSR_THRE_BIT);
        host.makeRoom(100);
        assertEquals("0123456789", host.text());
    }

    @Test
    @DisplayName("a guest that floods a blocked host loses bytes, and nothing waits or grows")
    void shouldLoseBytesOfAGuestThatIgnoresThre() {
        enableFifo(0);
        host.setRoom(0);
        for (int i = 0; i < 100_000; i++) {
            out(RBR_THR_DLL_OFFSET, 'A' + i % 26);
        }
        host.makeRoom(Integer.MAX_VALUE);
        assertEquals("ABCDEFGHIJKLMNOP", host.text());
        out(RBR_THR_DLL_OFFSET, '!');
        assertEquals("ABCDEFGHIJKLMNOP!", host.text());
    }

    @Test
    @DisplayName("without FIFO the newest byte overwrites the one that waits")
    void shouldOverwriteTheHoldingRegisterWithoutFifo() {
        host.setRoom(0);
        out(RBR_THR_DLL_OFFSET, 'a');
        out(RBR_THR_DLL_OFFSET, 'b');
        host.makeRoom(10);
        assertEquals("b", host.text());
    }

    @Test
    void shouldForgetWaitingBytesWhenTheTransmitFifoIsCleared() {
        enable(IER_THRE_BIT);
        enableFifo(0);
        in(IIR_FCR_OFFSET);
        host.setRoom(0);
        out(RBR_THR_DLL_OFFSET, 'a');
        out(IIR_FCR_OFFSET, FCR_ENABLE_BIT | FCR_CLEAR_TX_BIT);
        assertEquals(LSR_THRE_BIT | LSR_TEMT_BIT, in(LSR_OFFSET));
        assertEquals(IIR_THRE | IIR_FIFO_MASK, in(IIR_FCR_OFFSET));
        host.makeRoom(10);
        assertEquals("", host.text());
    }

    // Interrupts and modem lines.

    @Test
    void shouldReportCausesInTheirOrderOfPriority() {
        enable(IER_MASK);
        uart.connected(false);
        host.force((byte) 'a', (byte) 'b');
        assertEquals(IIR_RLS, in(IIR_FCR_OFFSET));
        in(LSR_OFFSET);
        assertEquals(IIR_RDA, in(IIR_FCR_OFFSET));
        in(RBR_THR_DLL_OFFSET);
        assertEquals(IIR_THRE, in(IIR_FCR_OFFSET));
        assertEquals(IIR_MODEM, in(IIR_FCR_OFFSET));
        assertTrue(irq.level());
        in(MSR_OFFSET);
        assertEquals(IIR_NONE, in(IIR_FCR_OFFSET));
        assertFalse(irq.level());
    }

    @Test
    void shouldInterruptWhateverOut2Says() {
        out(IER_DLM_OFFSET, IER_THRE_BIT);
        for (int mcr : new int[] {MCR_OUT2_BIT, 0, MCR_DTR_BIT | MCR_RTS_BIT, MCR_LOOP_BIT}) {
            out(MCR_OFFSET, mcr);
            assertTrue(irq.level());
        }
        assertEquals(IIR_THRE, in(IIR_FCR_OFFSET));
    }

    @Test
    void shouldShowTheOtherSideGoingAndComing() {
        enable(IER_MODEM_BIT);
        uart.connected(false);
        assertTrue(irq.level());
        assertEquals(0x0b, in(MSR_OFFSET), "lines down, with deltas");
        assertEquals(0x00, in(MSR_OFFSET));
        assertFalse(irq.level());
        uart.connected(true);
        assertEquals(0xbb, in(MSR_OFFSET));
    }

    @ParameterizedTest
    @CsvSource({"0x02, 0x10", "0x01, 0x20", "0x04, 0x40", "0x08, 0x80"})
    void shouldLoopModemOutputsBack(int output, int input) {
        out(MCR_OFFSET, MCR_LOOP_BIT | output);
        assertEquals(input, in(MSR_OFFSET) & 0xf0);
    }

    @Test
    void shouldReportTheTrailingEdgeOfTheRingIndicatorOnly() {
        out(MCR_OFFSET, MCR_LOOP_BIT);
        in(MSR_OFFSET);
        out(MCR_OFFSET, MCR_LOOP_BIT | MCR_OUT1_BIT);
        assertEquals(MSR_RI_BIT, in(MSR_OFFSET));
        out(MCR_OFFSET, MCR_LOOP_BIT);
        assertEquals(MSR_TERI_BIT, in(MSR_OFFSET));
    }

    @Test
    void shouldLoopDataBackWithItsInterrupts() {
        enable(IER_RDA_BIT);
        out(MCR_OFFSET, MCR_LOOP_BIT | MCR_OUT2_BIT);
        out(RBR_THR_DLL_OFFSET, 0xae);
        assertTrue(irq.level());
        assertEquals(0xae, in(RBR_THR_DLL_OFFSET));
        assertEquals("", host.text());
    }

    @Test
    void shouldLetInputWaitWhileInLoopback() {
        out(MCR_OFFSET, MCR_LOOP_BIT);
        assertEquals(0, host.send("a"));
        out(MCR_OFFSET, 0);
        assertEquals(1, host.inputWantedCount());
        assertEquals(1, host.send("a"));
    }

    // Threads and the hot path.

    @Test
    @Timeout(20)
    void shouldLoseNothingOfAGuestThatWaitsForThre() throws InterruptedException {
        int total = 20_000;
        host.setRoom(0);
        Thread guest = new Thread(() -> {
            for (int i = 0; i < total; i++) {
                out(RBR_THR_DLL_OFFSET, 'a' + i % 26);
                while ((in(LSR_OFFSET) & LSR_THRE_BIT) == 0) {
                    Thread.onSpinWait();
                }
            }
        });
        guest.start();
        while (guest.isAlive()) {
            host.makeRoom(7);
        }
        guest.join();
        String text = host.text();
        assertEquals(total, text.length());
        for (int i = 0; i < total; i++) {
            assertEquals('a' + i % 26, text.charAt(i));
        }
    }

    @Test
    void shouldAllocateNothingToSendAndReceive() {
        Serial16550 port = new Serial16550("serial0", level -> { }, clock, new NullChardev());
        byte[] input = {'x'};
        port.write(MCR_OFFSET, 1, MCR_OUT2_BIT);
        port.write(IER_DLM_OFFSET, 1, IER_MASK);
        port.write(IIR_FCR_OFFSET, 1, FCR_ENABLE_BIT | 0x80);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long used = Long.MAX_VALUE;
        for (int round = 0; round < 5 && used != 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 1000; i++) {
                port.write(RBR_THR_DLL_OFFSET, 1, i);
                port.read(LSR_OFFSET, 1);
                port.receive(input, 0, port.receivable() > 0 ? 1 : 0);
                port.read(IIR_FCR_OFFSET, 1);
                port.read(RBR_THR_DLL_OFFSET, 1);
            }
            used = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertEquals(0, used);
    }

    private static final class NullChardev implements Chardev {
        @Override
        public boolean transmit(byte value) {
            return true;
        }

        @Override
        public void connect(CharDevice device) {
            // Nothing comes from here.
        }

        @Override
        public void inputWanted() {
            // Nothing comes from here.
        }

        @Override
        public void close() {
            // Nothing to close.
        }
    }
}
