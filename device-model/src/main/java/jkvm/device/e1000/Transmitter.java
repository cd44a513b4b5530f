package jkvm.device.e1000;

import jkvm.host.net.NetFrame;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * Works on the transmit ring: assembles packets from descriptors, legacy and extended (manual section 3.3), and
 * hands them to {@link TransmitOutput}. Each descriptor is copied once. Guarded by the device's lock.
 */
final class Transmitter {
    /** More than this without an end of packet is thrown away. */
    static final int MAX_PACKET = 65536;
    /** The most descriptors processed before others get the device's lock. */
    private static final int BATCH = 32;

    private static final int COMMAND_EOP_BIT = 1 << 24;
    private static final int COMMAND_IC_BIT = 1 << 26;
    private static final int COMMAND_TSE_BIT = 1 << 26;
    private static final int COMMAND_RS_BIT = 1 << 27;
    private static final int COMMAND_RPS_BIT = 1 << 28;
    private static final int COMMAND_EXTENDED_BIT = 1 << 29;
    private static final int COMMAND_VLAN_BIT = 1 << 30;
    private static final int COMMAND_DELAY_BIT = 1 << 31;
    private static final int CONTEXT_TYPE = 0;
    private static final int DATA_TYPE = 1;
    private static final int EXTENDED_LENGTH_MASK = 0xFFFFF;
    private static final int LEGACY_LENGTH_MASK = 0xFFFF;
    private static final int STATUS_OFFSET = 12;
    private static final int STATUS_DD_BIT = 1;

    private final RegisterFile registers;
    private final DescriptorRing ring;
    private final GuestMemory memory;
    private final Interrupts interrupts;
    private final TransmitOutput output;
    /** The last context for packets that are segmented, and that for others. */
    private final TransmitContext cutContext = new TransmitContext();
    private final TransmitContext plainContext = new TransmitContext();
    /** Fields of a packet's first descriptor that count for all of it. */
    private boolean started;
    private boolean extended;
    private boolean cutting;
    private int checksums;
    private int length;
    /** The packet is too long, or some of it is not in memory. */
    private boolean unusable;

    Transmitter(RegisterFile registers, DescriptorRing ring, GuestMemory memory, Interrupts interrupts,
            TransmitOutput output) {
        this.registers = registers;
        this.ring = ring;
        this.memory = memory;
        this.interrupts = interrupts;
        this.output = output;
    }

    /**
     * Does some of what is to be done. The guest has enabled transmission and bus mastering.
     *
     * @return false if nothing can be done now
     */
    boolean step() {
        int done = 0;
        boolean reported = false;
        boolean delayed = true;
        boolean flowing = output.pump(BATCH);
        while (flowing && !output.isPending() && done < BATCH && canFetch()) {
            long address = ring.address(0);
            long high = memory.readLong(address + Long.BYTES);
            process(memory.readLong(address), high);
            int command = (int) high;
            if ((command & (COMMAND_RS_BIT | COMMAND_RPS_BIT)) != 0) {
                keep();
                memory.writeByte(address + STATUS_OFFSET, (byte) (high >>> 32 & 0xF0 | STATUS_DD_BIT));
                reported = true;
                delayed &= (command & COMMAND_DELAY_BIT) != 0;
            }
            ring.advance(1);
            done++;
            flowing = output.pump(BATCH);
        }
        keep();
        if (done > 0) {
            interrupt(reported, delayed, done);
        }
        return flowing && (output.isPending() || canFetch());
    }

    private boolean canFetch() {
        return ring.available() > 0 && memory.contains(ring.address(0), DescriptorRing.DESCRIPTOR_SIZE);
    }

    private void interrupt(boolean reported, boolean delayed, int done) {
        if (reported) {
            interrupts.transmitted(delayed);
        }
        int left = ring.available();
        int threshold = (registers.get(RegisterMap.TXDCTL_OFFSET) >>> 25 & 0x7F) * 8;
        int causes = left == 0 ? RegisterMap.TXQE_BIT : 0;
        causes |= threshold != 0 && left <= threshold && left + done > threshold ? RegisterMap.TXD_LOW_BIT : 0;
        interrupts.raise(causes);
    }

    private void process(long low, long high) {
        int command = (int) high;
        boolean isExtended = (command & COMMAND_EXTENDED_BIT) != 0;
        if (isExtended) {
            int type = command >>> 20 & 0xF;
            if (type == CONTEXT_TYPE) {
                TransmitContext target = (command & TransmitContext.COMMAND_TSE_BIT) != 0 ? cutContext : plainContext;
                target.set(low, high);
                return;
            }
            if (type != DATA_TYPE) {
                return;
            }
        }
        if (!started) {
            started = true;
            extended = isExtended;
            cutting = isExtended && (command & COMMAND_TSE_BIT) != 0;
            checksums = isExtended ? (int) (high >>> 40) & 3 : 0;
            length = 0;
            unusable = false;
            output.open(cutting);
        }
        int count = command & (isExtended ? EXTENDED_LENGTH_MASK : LEGACY_LENGTH_MASK);
        if (!cutting || !defer(low, count)) {
            append(low, count);
        }
        if ((command & COMMAND_EOP_BIT) != 0) {
            started = false;
            complete(command, high);
        }
    }

    /** Leaves a piece of a packet to be segmented where it is, if it is usable. */
    private boolean defer(long address, int count) {
        boolean deferred = count > 0 && !unusable && length + count <= MAX_PACKET && memory.contains(address, count)
                && output.defer(address, count, length);
        length += deferred ? count : 0;
        return deferred;
    }

    /** The guest gets buffers back. */
    private void keep() {
        if (cutting) {
            output.keep();
        }
    }

    private void append(long address, int count) {
        if (unusable || length + count > MAX_PACKET || !memory.contains(address, count)) {
            unusable |= count > 0;
            return;
        }
        if (count > 0) {
            memory.read(address, output.packet().memory(), length, count);
            length += count;
        }
    }

    private void complete(int command, long high) {
        if (unusable) {
            output.drop();
            return;
        }
        output.packet().setLength(length);
        boolean tagging = (registers.get(RegisterMap.CTRL_OFFSET) & RegisterMap.CTRL_VME_BIT) != 0;
        if (tagging && (command & COMMAND_VLAN_BIT) != 0) {
            output.setTag((int) (high >>> 48));
        }
        if (extended) {
            output.begin(cutting ? cutContext : plainContext, checksums, cutting);
            if (cutting) {
                output.segment();
            }
        } else {
            int start = (int) (high >>> 40) & 0xFF;
            output.beginLegacy((command & COMMAND_IC_BIT) != 0, start, command >>> 16 & 0xFF);
        }
    }

    void reset() {
        cutContext.set(0, 0);
        plainContext.set(0, 0);
        started = false;
        extended = false;
        cutting = false;
        checksums = 0;
        length = 0;
        unusable = false;
        output.reset();
    }

    void save(StateWriter out) {
        cutContext.save(out);
        plainContext.save(out);
        out.putBoolean("started", started);
        out.putBoolean("extended", extended);
        out.putBoolean("cutting-packet", cutting);
        out.putInt("packet-checksums", checksums);
        out.putInt("length", length);
        out.putBoolean("unusable", unusable);
        byte[] partial = new byte[started ? length : 0];
        output.packet().data().get(0, partial);
        out.putBytes("partial", partial);
        output.save(out);
    }

    void load(StateReader in) {
        cutContext.load(in);
        plainContext.load(in);
        started = in.getBoolean("started");
        extended = in.getBoolean("extended");
        cutting = in.getBoolean("cutting-packet");
        checksums = in.getInt("packet-checksums", 0, 3);
        length = in.getInt("length", 0, MAX_PACKET);
        unusable = in.getBoolean("unusable");
        byte[] partial = in.getBytes("partial", started ? length : 0);
        output.load(in);
        output.packet().data().put(0, partial, 0, Math.min(partial.length, NetFrame.MAX_LENGTH));
    }
}
