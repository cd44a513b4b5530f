package jkvm.device.pci;

import java.util.Arrays;
import jkvm.bus.IoHandler;
import jkvm.bus.MsiSink;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * MSI-X (PCI 3.0 section 6.8.2): a table of vectors and their pending bits in 4 KiB of a BAR, the table at their start,
 * the pending bits in their second half. A vector that is masked, alone or with all others, becomes pending and is sent
 * once when it is unmasked; a message is a write to memory, so without bus mastering every vector waits. Accesses to
 * the table and the pending bits that are not aligned read as all ones and are not written; what lies between reads as
 * zero.
 *
 * <p>Its monitor guards the table; it is taken after the function's lock or without it, never before.
 */
public final class Msix {
    public static final int MAX_VECTORS = 128;
    public static final int BAR_SIZE = 0x1000;
    static final int CAPABILITY_ID = 0x11;
    static final int CONTROL_OFFSET = 2;
    static final int CONTROL_ENABLE_BIT = 0x8000;
    static final int CONTROL_MASK_ALL_BIT = 0x4000;
    static final int ENTRY_SIZE = 16;
    static final int DATA_OFFSET = 8;
    static final int VECTOR_CONTROL_OFFSET = 12;
    static final int VECTOR_MASK_BIT = 1;
    static final int PENDING_OFFSET = 0x800;

    private final PciFunction function;
    private final int capability;
    private final int count;
    /** Each vector's registers: address low and high, data, control. */
    private final int[] table;
    private final MessageSource[] sources;
    private final IoHandler window = new Table();
    private boolean enabled;
    private boolean allMasked;
    private boolean busMaster;

    /**
     * Declared through {@link PciFunction}: makes the capability.
     *
     * @param barIndex the BAR that the table lies in
     * @param offset   where the table begins in it; the pending bits come {@link #PENDING_OFFSET} later
     */
    Msix(PciFunction function, int capability, int barIndex, int offset, int count, MsiSink sink) {
        if (count < 1 || count > MAX_VECTORS) {
            throw new IllegalArgumentException(count + " MSI-X vectors");
        }
        this.function = function;
        this.capability = capability;
        this.count = count;
        this.table = new int[count * 4];
        this.sources = new MessageSource[count];
        for (int i = 0; i < count; i++) {
            sources[i] = new MessageSource(sink);
        }
        function.addCapability(capability, CAPABILITY_ID);
        function.define(capability + CONTROL_OFFSET, 2, count - 1, CONTROL_ENABLE_BIT | CONTROL_MASK_ALL_BIT);
        function.define(capability + 4, 4, offset | barIndex, 0);
        function.define(capability + 8, 4, offset + PENDING_OFFSET | barIndex, 0);
        reset();
    }

    /** The table and the pending bits: {@link #BAR_SIZE} bytes of the BAR. */
    public IoHandler window() {
        return window;
    }

    /** True if the guest uses MSI-X and not the interrupt pin. */
    public synchronized boolean isEnabled() {
        return enabled;
    }

    /** Sends a vector's message, or makes it pending. A vector that does not exist is nothing. Any thread may call. */
    public synchronized void signal(int vector) {
        if (!enabled || vector < 0 || vector >= count) {
            return;
        }
        if (isMasked(vector)) {
            sources[vector].setPending(true);
        } else {
            sources[vector].signal();
        }
    }

    private boolean isMasked(int vector) {
        return !busMaster || allMasked || (table[vector * 4 + 3] & VECTOR_MASK_BIT) != 0;
    }

    /** The guest may have written the control or the command register. */
    synchronized void configWritten() {
        int control = (int) function.register(capability + CONTROL_OFFSET, 2);
        boolean on = (control & CONTROL_ENABLE_BIT) != 0;
        boolean masked = (control & CONTROL_MASK_ALL_BIT) != 0;
        boolean master = function.isBusMaster();
        if (on != enabled || masked != allMasked || master != busMaster) {
            enabled = on;
            allMasked = masked;
            busMaster = master;
            updateAll();
        }
    }

    private void updateAll() {
        for (int i = 0; i < count; i++) {
            update(i);
        }
    }

    /** Routes a vector that can be sent, and sends it if it has waited for that. */
    private void update(int vector) {
        if (enabled && !isMasked(vector)) {
            int entry = vector * 4;
            long address = table[entry] & 0xFFFFFFFFL | (long) table[entry + 1] << 32;
            sources[vector].route(address, table[entry + 2]);
            if (sources[vector].isPending()) {
                sources[vector].signal();
            }
        }
    }

    synchronized void reset() {
        enabled = false;
        allMasked = false;
        busMaster = false;
        Arrays.fill(table, 0);
        for (int i = 0; i < count; i++) {
            table[i * 4 + 3] = VECTOR_MASK_BIT;
            sources[i].setPending(false);
        }
    }

    synchronized void save(StateWriter out) {
        for (int i = 0; i < table.length; i++) {
            out.putInt("msix", table[i]);
        }
        for (MessageSource source : sources) {
            out.putBoolean("pending", source.isPending());
        }
    }

    /** The control and the command register have been taken over; routes what can be sent to where it goes now. */
    synchronized void load(StateReader in) {
        for (int i = 0; i < table.length; i++) {
            put(i, in.getInt("msix"));
        }
        for (MessageSource source : sources) {
            source.setPending(in.getBoolean("pending"));
        }
        configWritten();
        updateAll();
    }

    private void put(int at, int value) {
        table[at] = switch (at % 4) {
            case 0 -> value & ~3;
            case 3 -> value & VECTOR_MASK_BIT;
            default -> value;
        };
    }

    private final class Table implements IoHandler {
        @Override
        public long read(long offset, int size) {
            if (size < Integer.BYTES || (offset & size - 1) != 0) {
                return -1;
            }
            long low = word((int) offset) & 0xFFFFFFFFL;
            return size == Integer.BYTES ? low : low | (long) word((int) offset + Integer.BYTES) << 32;
        }

        private int word(int offset) {
            synchronized (Msix.this) {
                if (offset < count * ENTRY_SIZE) {
                    return table[offset / Integer.BYTES];
                }
                return offset < PENDING_OFFSET ? 0 : pendingBits((offset - PENDING_OFFSET) * Byte.SIZE);
            }
        }

        private int pendingBits(int first) {
            int bits = 0;
            for (int i = 0; i < Integer.SIZE && first + i < count; i++) {
                bits |= sources[first + i].isPending() ? 1 << i : 0;
            }
            return bits;
        }

        @Override
        public void write(long offset, int size, long value) {
            if (size < Integer.BYTES || (offset & size - 1) != 0 || offset >= (long) count * ENTRY_SIZE) {
                return;
            }
            synchronized (Msix.this) {
                int at = (int) offset / Integer.BYTES;
                put(at, (int) value);
                if (size == Long.BYTES) {
                    put(at + 1, (int) (value >>> 32));
                }
                update(at / 4);
            }
        }

    }
}
