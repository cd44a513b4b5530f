package jkvm.device.pci;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** Intel's PIIX3 ISA bridge, 8086:7000. Its PIRQRC registers route PCI interrupts; the others keep what is written. */
public final class IsaBridge extends PciFunction {
    static final int PIRQ_ROUTE_OFFSET = 0x60;
    static final int ROUTE_DISABLED_BIT = 0x80;
    static final int ROUTE_MASK = 0x0F;

    private static final int DEVICE = 0x7000;
    private static final int CLASS = 0x060100;
    private static final int DEVICE_CONTROL_OFFSET = 0x82;

    private final PirqRouter router;

    @SuppressWarnings("this-escape")
    public IsaBridge(PirqRouter router) {
        super("piix3", new PciIdentity(PciIdentity.INTEL, DEVICE, 0, CLASS));
        this.router = router;
        define(STATUS_OFFSET, 2, STATUS_MEDIUM_TIMING, 0);
        for (int i = 0; i < PirqRouter.PIRQS; i++) {
            define(PIRQ_ROUTE_OFFSET + i, 1, router.powerOn(i), ROUTE_DISABLED_BIT | ROUTE_MASK);
        }
        define(0x4C, 2, 0x004D, 0xFFFF);
        define(0x4E, 2, 0x0003, 0xFFFF);
        define(0x69, 1, 0x02, 0xFE);
        define(0x70, 1, 0x80, 0xFF);
        define(0x76, 2, 0x0C0C, 0xFFFF);
        define(0x78, 1, 0x02, 0xFF);
        define(0xA0, 1, 0x08, 0xFF);
        define(0xA8, 1, 0x0F, 0xFF);
        define(DEVICE_CONTROL_OFFSET, 1, 0, 0xFF);
    }

    @Override
    protected void configWritten(int offset, int size) {
        if (offset < PIRQ_ROUTE_OFFSET + PirqRouter.PIRQS && offset + size > PIRQ_ROUTE_OFFSET) {
            lead();
        }
    }

    @Override
    protected void saveDevice(StateWriter out) {
        // All of it is in configuration space.
    }

    @Override
    protected void loadDevice(StateReader in) {
        lead();
    }

    @Override
    protected void resetDevice() {
        lead();
    }

    private void lead() {
        for (int i = 0; i < PirqRouter.PIRQS; i++) {
            int route = (int) register(PIRQ_ROUTE_OFFSET + i, 1);
            int irq = route & ROUTE_MASK;
            boolean routed = (route & ROUTE_DISABLED_BIT) == 0 && (PirqRouter.ROUTABLE >>> irq & 1) != 0;
            router.lead(i, routed ? irq : PirqRouter.NOWHERE);
        }
    }
}
