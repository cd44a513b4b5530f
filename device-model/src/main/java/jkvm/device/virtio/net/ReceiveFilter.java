package jkvm.device.virtio.net;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * Decides which frames are for the guest (VIRTIO 1.2, section 5.1.6.5), as QEMU does: all of them until the driver says
 * otherwise. Its monitor guards it. Addresses are 48 bits, the first byte highest.
 */
final class ReceiveFilter {
    /** Modes, numbered as the commands that set them. */
    static final int PROMISCUOUS = 0;
    static final int ALL_MULTICAST = 1;
    static final int ALL_UNICAST = 2;
    static final int NO_MULTICAST = 3;
    static final int NO_UNICAST = 4;
    static final int NO_BROADCAST = 5;
    static final int MODES = 6;
    /** Addresses that both tables together hold. */
    static final int TABLE_SIZE = 64;
    static final int VLANS = 4096;
    static final int ADDRESS_SIZE = 6;

    private static final long BROADCAST = 0xFFFF_FFFF_FFFFL;
    private static final long GROUP_BIT = 1L << 40;
    private static final int TYPE_OFFSET = 12;
    private static final int TAG_OFFSET = 14;
    private static final int TAG_END = 16;
    private static final int TYPE_VLAN = 0x8100;
    private static final int MODES_MASK = (1 << MODES) - 1;

    private final long ownAddress;
    private final long[] table = new long[TABLE_SIZE];
    private final long[] vlans = new long[VLANS / Long.SIZE];
    private long address;
    private int modes;
    private int unicastCount;
    private int count;
    private boolean unicastOverflow;
    private boolean multicastOverflow;
    private boolean filtersVlans;

    /** @param ownAddress that of the card, until the driver gives it another */
    ReceiveFilter(long ownAddress) {
        this.ownAddress = ownAddress;
        reset();
    }

    synchronized void reset() {
        address = ownAddress;
        modes = 1 << PROMISCUOUS;
        unicastCount = 0;
        count = 0;
        unicastOverflow = false;
        multicastOverflow = false;
        filtersVlans = false;
        Arrays.fill(vlans, 0);
    }

    synchronized long address() {
        return address;
    }

    synchronized void setAddress(long value) {
        address = value;
    }

    synchronized void setMode(int mode, boolean on) {
        modes = on ? modes | 1 << mode : modes & ~(1 << mode);
    }

    /** Whether frames with a tag are for the guest only if it has asked for their VLAN. */
    synchronized void setFiltersVlans(boolean filters) {
        filtersVlans = filters;
    }

    /** @param vlan below {@link #VLANS} */
    synchronized void setVlan(int vlan, boolean wanted) {
        long bit = 1L << vlan % Long.SIZE;
        vlans[vlan / Long.SIZE] = wanted ? vlans[vlan / Long.SIZE] | bit : vlans[vlan / Long.SIZE] & ~bit;
    }

    /**
     * Sets both tables. One that does not fit lets all addresses of its kind pass.
     *
     * @param unicast   as many as count, or fewer if they do not fit
     * @param multicast the same
     */
    synchronized void setTables(long[] unicast, int newUnicastCount, long[] multicast, int multicastCount) {
        unicastOverflow = newUnicastCount > TABLE_SIZE;
        unicastCount = unicastOverflow ? 0 : newUnicastCount;
        System.arraycopy(unicast, 0, table, 0, unicastCount);
        multicastOverflow = multicastCount > TABLE_SIZE - unicastCount;
        count = unicastCount + (multicastOverflow ? 0 : multicastCount);
        System.arraycopy(multicast, 0, table, unicastCount, count - unicastCount);
    }

    private boolean is(int mode) {
        return (modes >>> mode & 1) != 0;
    }

    /**
     * True if a frame is for the guest.
     *
     * @param length of an Ethernet header at least
     */
    synchronized boolean passes(ByteBuffer frame, int length) {
        if (is(PROMISCUOUS)) {
            return true;
        }
        if (filtersVlans && length >= TAG_END && (frame.getShort(TYPE_OFFSET) & 0xFFFF) == TYPE_VLAN) {
            int vlan = frame.getShort(TAG_OFFSET) & VLANS - 1;
            if ((vlans[vlan / Long.SIZE] >>> vlan % Long.SIZE & 1) == 0) {
                return false;
            }
        }
        long to = (frame.getInt(0) & 0xFFFF_FFFFL) << 16 | frame.getShort(4) & 0xFFFF;
        if (to == BROADCAST) {
            return !is(NO_BROADCAST);
        }
        if ((to & GROUP_BIT) != 0) {
            return !is(NO_MULTICAST)
                    && (is(ALL_MULTICAST) || multicastOverflow || isInTable(to, unicastCount, count));
        }
        return !is(NO_UNICAST)
                && (is(ALL_UNICAST) || unicastOverflow || to == address || isInTable(to, 0, unicastCount));
    }

    private boolean isInTable(long wanted, int first, int end) {
        for (int i = first; i < end; i++) {
            if (table[i] == wanted) {
                return true;
            }
        }
        return false;
    }

    synchronized void save(StateWriter out) {
        out.putLong("address", address);
        out.putInt("modes", modes);
        out.putInt("unicastCount", unicastCount);
        out.putInt("count", count);
        out.putBoolean("unicastOverflow", unicastOverflow);
        out.putBoolean("multicastOverflow", multicastOverflow);
        for (int i = 0; i < count; i++) {
            out.putLong("entry", table[i]);
        }
        ByteBuffer bits = ByteBuffer.allocate(VLANS / Byte.SIZE).order(ByteOrder.LITTLE_ENDIAN);
        bits.asLongBuffer().put(vlans);
        out.putBytes("vlans", bits.array());
    }

    synchronized void load(StateReader in) {
        address = in.getLong("address") & BROADCAST;
        modes = in.getInt("modes", 0, MODES_MASK);
        unicastCount = in.getInt("unicastCount", 0, TABLE_SIZE);
        count = in.getInt("count", unicastCount, TABLE_SIZE);
        unicastOverflow = in.getBoolean("unicastOverflow");
        multicastOverflow = in.getBoolean("multicastOverflow");
        for (int i = 0; i < count; i++) {
            table[i] = in.getLong("entry");
        }
        byte[] bits = in.getBytes("vlans", VLANS / Byte.SIZE);
        ByteBuffer.wrap(bits).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(vlans);
    }
}
