package jkvm.examples.power;

import jkvm.bus.IoHandler;
import jkvm.device.pci.PciFunction;
import jkvm.device.pci.PciIdentity;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A toy PCI device for lesson 19: one register of 32 bits, which gives a power of the number that was written to it.
 */
final class PowerDevice extends PciFunction {
    private static final int VENDOR = 0x1234; // nobody's
    private static final int DEVICE = 0x0007;
    private static final int CLASS_OTHER = 0xFF0000;
    private static final int BAR_SIZE = 16;

    private final int exponent;
    private int power;

    /** @param name of the device in its machine */
    PowerDevice(String name, int exponent) {
        super(name, new PciIdentity(VENDOR, DEVICE, 0, CLASS_OTHER));
        this.exponent = exponent;
        addMemoryBar(0, BAR_SIZE, new Registers());
    }

    private final class Registers implements IoHandler {
        @Override
        public long read(long offset, int size) {
            synchronized (PowerDevice.this) {
                return offset == 0 ? power : 0;
            }
        }

        @Override
        public void write(long offset, int size, long value) {
            synchronized (PowerDevice.this) {
                if (offset == 0) {
                    power = 1;
                    for (int i = 0; i < exponent; i++) {
                        power *= (int) value;
                    }
                }
            }
        }
    }

    @Override
    protected synchronized void resetDevice() {
        power = 0;
    }

    @Override
    protected synchronized void saveDevice(StateWriter out) {
        out.putInt("power", power);
    }

    @Override
    protected synchronized void loadDevice(StateReader in) {
        power = in.getInt("power");
    }
}
