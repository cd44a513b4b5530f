package jkvm.examples;

import jkvm.bus.IoHandler;
import jkvm.device.pci.PciFunction;
import jkvm.device.pci.PciIdentity;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A toy PCI device for lesson 18: one register of 32 bits at the start of BAR 0, which gives the square of the number
 * that was written to it. All that PCI asks for (configuration space, moving the BAR) is in {@link PciFunction}.
 */
final class SquaringDevice extends PciFunction {
    private static final int VENDOR = 0x1234; // nobody's
    private static final int DEVICE = 0x0006;
    private static final int CLASS_OTHER = 0xFF0000;
    private static final int STATE_VERSION = 1;
    private static final int BAR_SIZE = 16; // the smallest that PCI allows

    private int square;

    SquaringDevice() {
        super("squaring", new PciIdentity(VENDOR, DEVICE, 0, CLASS_OTHER));
        addMemoryBar(0, BAR_SIZE, new Registers());
    }

    /** Called by vCPU threads, several at a time: hence the lock. */
    private final class Registers implements IoHandler {
        @Override
        public long read(long offset, int size) {
            synchronized (SquaringDevice.this) {
                return offset == 0 ? square : 0;
            }
        }

        @Override
        public void write(long offset, int size, long value) {
            synchronized (SquaringDevice.this) {
                if (offset == 0) {
                    square = (int) value * (int) value; // a guest may write anything; this may overflow, never throw
                }
            }
        }
    }

    @Override
    protected synchronized void resetDevice() {
        square = 0;
    }

    @Override
    protected synchronized void saveDevice(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("square", square);
    }

    @Override
    protected synchronized void loadDevice(StateReader in) {
        in.getVersion(STATE_VERSION);
        square = in.getInt("square");
    }
}
