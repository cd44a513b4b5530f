package jkvm.device.pci;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * Intel's 82441FX host bridge, 8086:1237. It announces what its PAM registers say about the memory below 1 MiB, after a
 * reset and after loading, too; the SMRAM register only keeps what is written.
 */
public final class HostBridge extends PciFunction {
    static final int PAM_0_OFFSET = 0x59;
    static final int PAM_COUNT = 7;
    static final int SMRAM_OFFSET = 0x72;

    private static final int DEVICE = 0x1237;
    private static final int REVISION = 2;
    private static final int CLASS = 0x060000;
    private static final int CONFIGURATION_OFFSET = 0x50;

    private final PamListener listener;

    /** Takes what the PAM registers hold. */
    public interface PamListener {
        /**
         * A PAM register has a new value.
         *
         * @param register 0 to 6
         * @param value    two areas' read enable (bits 0, 4) and write enable (bits 1, 5)
         */
        void pamChanged(int register, int value);
    }

    /** @param listener called by one thread at a time, which holds this function's monitor */
    @SuppressWarnings("this-escape")
    public HostBridge(PamListener listener) {
        super("i440fx", new PciIdentity(PciIdentity.INTEL, DEVICE, REVISION, CLASS));
        define(CONFIGURATION_OFFSET, 2, 0, 0xFFFF);
        for (int i = 0; i < PAM_COUNT; i++) {
            define(PAM_0_OFFSET + i, 1, 0, i == 0 ? 0x30 : 0x33);
        }
        define(SMRAM_OFFSET, 1, 0x02, 0x70);
        this.listener = listener;
    }

    @Override
    protected void configWritten(int offset, int size) {
        if (offset < PAM_0_OFFSET + PAM_COUNT && offset + size > PAM_0_OFFSET) {
            announce();
        }
    }

    @Override
    protected void resetDevice() {
        announce();
    }

    @Override
    protected void saveDevice(StateWriter out) {
        // All of it is in configuration space.
    }

    @Override
    protected void loadDevice(StateReader in) {
        announce();
    }

    private synchronized void announce() {
        for (int i = 0; i < PAM_COUNT; i++) {
            listener.pamChanged(i, (int) register(PAM_0_OFFSET + i, 1));
        }
    }
}
