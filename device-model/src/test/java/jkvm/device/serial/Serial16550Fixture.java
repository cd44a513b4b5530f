package jkvm.device.serial;

import static jkvm.device.serial.UartRegisters.*;
import static org.junit.jupiter.api.Assertions.assertEquals;

import jkvm.bus.FakeIrqLine;
import jkvm.host.chardev.FakeChardev;
import jkvm.work.FakeClock;

/** A serial port between a fake machine and a fake host, and short words for its driver's accesses. */
abstract class Serial16550Fixture {
    final FakeIrqLine irq = new FakeIrqLine();
    final FakeClock clock = new FakeClock();
    final FakeChardev host = new FakeChardev();
    final Serial16550 uart = new Serial16550("serial0", irq, clock, host);

    final int in(int offset) {
        return (int) uart.read(offset, 1);
    }

    final void out(int offset, int value) {
        uart.write(offset, 1, value);
    }

    final void enable(int interrupts) {
        out(LCR_OFFSET, 0x03);
        out(MCR_OFFSET, MCR_OUT2_BIT);
        out(IER_DLM_OFFSET, interrupts);
    }

    final void enableFifo(int trigger) {
        out(IIR_FCR_OFFSET, trigger | FCR_ENABLE_BIT);
    }

    final void send(int count) {
        for (int i = 0; i < count; i++) {
            assertEquals(1, host.send((byte) ('a' + i)));
        }
    }
}
