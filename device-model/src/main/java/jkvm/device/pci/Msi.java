package jkvm.device.pci;

import jkvm.bus.MsiSink;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * MSI with 64-bit addresses and a mask for each vector (PCI 3.0 section 6.8.1). All of its registers are in
 * configuration space. A message is a write to memory: without bus mastering it waits like a masked one. Its state is
 * guarded by the function's lock.
 */
public final class Msi {
    public static final int MAX_VECTORS = 32;
    static final int CAPABILITY_ID = 0x05;
    /** Bytes of configuration space. */
    static final int SIZE = 24;
    static final int CONTROL_OFFSET = 2;
    static final int ADDRESS_OFFSET = 4;
    static final int DATA_OFFSET = 12;
    static final int MASK_OFFSET = 16;
    static final int PENDING_OFFSET = 20;
    static final int CONTROL_ENABLE_BIT = 0x0001;
    static final int CONTROL_COUNT_MASK = 0x0070;
    private static final int CONTROL_COUNT_SHIFT = 4;
    private static final int CONTROL_CAPABLE_SHIFT = 1;
    private static final int CONTROL_64_BITS = 0x0080;
    private static final int CONTROL_MASKABLE = 0x0100;

    private final PciFunction function;
    private final int capability;
    private final int count;
    private final MessageSource[] sources;

    /**
     * Declared through {@link PciFunction}: makes the capability.
     *
     * @param count a power of two
     */
    Msi(PciFunction function, int capability, int count, MsiSink sink) {
        if (Integer.bitCount(count) != 1 || count > MAX_VECTORS) {
            throw new IllegalArgumentException(count + " MSI vectors");
        }
        this.function = function;
        this.capability = capability;
        this.count = count;
        this.sources = new MessageSource[count];
        for (int i = 0; i < count; i++) {
            sources[i] = new MessageSource(sink);
        }
        function.addCapability(capability, CAPABILITY_ID);
        int capable = Integer.numberOfTrailingZeros(count) << CONTROL_CAPABLE_SHIFT;
        function.define(capability + CONTROL_OFFSET, 2, CONTROL_64_BITS | CONTROL_MASKABLE | capable,
                CONTROL_ENABLE_BIT | CONTROL_COUNT_MASK);
        function.define(capability + ADDRESS_OFFSET, 8, 0, ~3L);
        function.define(capability + DATA_OFFSET, 2, 0, 0xFFFF);
        function.define(capability + MASK_OFFSET, 4, 0, (1L << count) - 1);
        function.define(capability + PENDING_OFFSET, 4, 0, 0);
    }

    /** True if the guest uses MSI and not the interrupt pin. */
    public boolean isEnabled() {
        return (function.register(capability + CONTROL_OFFSET, 2) & CONTROL_ENABLE_BIT) != 0;
    }

    /**
     * Sends a vector's message, or makes it pending if it is masked. If the guest enabled fewer vectors, the number
     * wraps round among those. Any thread may call.
     */
    public void signal(int vector) {
        synchronized (function) {
            if (isEnabled()) {
                int enabled = enabledVectors();
                send(vector & enabled - 1, enabled);
                publishPending();
            }
        }
    }

    private int enabledVectors() {
        int control = (int) function.register(capability + CONTROL_OFFSET, 2);
        return Math.min(count, 1 << ((control & CONTROL_COUNT_MASK) >> CONTROL_COUNT_SHIFT));
    }

    private void send(int vector, int enabled) {
        if (!function.isBusMaster() || (function.register(capability + MASK_OFFSET, 4) >>> vector & 1) != 0) {
            sources[vector].setPending(true);
            return;
        }
        int data = (int) function.register(capability + DATA_OFFSET, 2) & -enabled | vector;
        sources[vector].route(function.register(capability + ADDRESS_OFFSET, 8), data);
        sources[vector].signal();
    }

    private void publishPending() {
        int bits = 0;
        for (int i = 0; i < count; i++) {
            bits |= sources[i].isPending() ? 1 << i : 0;
        }
        function.setRegister(capability + PENDING_OFFSET, 4, bits);
    }

    /** The guest may have written a register: sends what waited and is not masked any more. */
    void configWritten() {
        synchronized (function) {
            if (isEnabled()) {
                int enabled = enabledVectors();
                for (int i = 0; i < enabled; i++) {
                    if (sources[i].isPending()) {
                        send(i, enabled);
                    }
                }
                publishPending();
            }
        }
    }

    void reset() {
        for (MessageSource source : sources) {
            source.setPending(false);
        }
    }

    void save(StateWriter out) {
        for (MessageSource source : sources) {
            out.putBoolean("pending", source.isPending());
        }
    }

    void load(StateReader in) {
        for (MessageSource source : sources) {
            source.setPending(in.getBoolean("pending"));
        }
    }
}
