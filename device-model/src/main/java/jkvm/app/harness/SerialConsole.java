package jkvm.app.harness;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * The transmit side of a serial port at 0x3f8 that is always ready: what the guest sends goes to a stream, byte by
 * byte. Enough of a 16550A (line status, divisor latch) that a guest's polling driver works; no receive side, no
 * interrupts.
 */
public class SerialConsole implements HarnessCallbacks {
    private static final int BASE = 0x3F8;
    private static final int PORTS = 8;
    private static final int DATA_OFFSET = 0;
    private static final int IIR_OFFSET = 2;
    private static final int LCR_OFFSET = 3;
    private static final int LSR_OFFSET = 5;
    private static final int MSR_OFFSET = 6;
    private static final int LCR_DLAB_BIT = 0x80;
    private static final int IIR_NO_INTERRUPT_BIT = 0x01;
    private static final int LSR_TRANSMITTER_EMPTY = 0x60;
    private static final int MSR_CTS_DSR_DCD = 0xB0;

    private final OutputStream out;
    private int lineControl;
    private int lastByte = '\n';

    /** @param out gets the guest's bytes; flushed at each end of line and by {@link #endLine()} */
    public SerialConsole(OutputStream out) {
        this.out = out;
    }

    @Override
    public int inb(int port) {
        return switch (port - BASE) {
            case IIR_OFFSET -> IIR_NO_INTERRUPT_BIT;
            case LCR_OFFSET -> lineControl;
            case LSR_OFFSET -> LSR_TRANSMITTER_EMPTY;
            case MSR_OFFSET -> MSR_CTS_DSR_DCD;
            default -> port >= BASE && port < BASE + PORTS ? 0 : 0xFF;
        };
    }

    @Override
    public void outb(int port, int value) {
        if (port == BASE + LCR_OFFSET) {
            lineControl = value;
        } else if (port == BASE + DATA_OFFSET && (lineControl & LCR_DLAB_BIT) == 0) {
            send(value);
        }
    }

    @Override
    public void outw(int port, int value) {
        outb(port, value & 0xFF);
        outb(port + 1, value >>> 8 & 0xFF);
    }

    private void send(int value) {
        try {
            out.write(value);
            lastByte = value;
            if (value == '\n') {
                out.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("guest output cannot be written: " + e.getMessage(), e);
        }
    }

    /** Flushes, with a line end if the guest's last line has none. */
    public void endLine() {
        if (lastByte == '\n') {
            try {
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException("guest output cannot be written: " + e.getMessage(), e);
            }
        } else {
            send('\n');
        }
    }
}
