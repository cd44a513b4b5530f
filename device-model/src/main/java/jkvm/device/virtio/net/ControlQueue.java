package jkvm.device.virtio.net;

import jkvm.device.virtio.queue.DescriptorChain;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.host.net.NetOffload;

/**
 * Carries out commands (VIRTIO 1.2, section 5.1.6.5). One that was not negotiated or is malformed is answered with an
 * error and changes nothing; bytes after a command's own are ignored, as in QEMU. Used by the thread that serves the
 * control queue; {@link #begin} before that.
 */
final class ControlQueue {
    static final int OK = 0;
    static final int ERROR = 1;

    static final int RX_CLASS = 0;
    static final int MAC_CLASS = 1;
    static final int MAC_TABLE_SET = 0;
    static final int MAC_ADDR_SET = 1;
    static final int VLAN_CLASS = 2;
    static final int VLAN_ADD = 0;
    static final int VLAN_DEL = 1;
    static final int GUEST_OFFLOADS_CLASS = 5;
    static final int GUEST_OFFLOADS_SET = 0;

    private static final int COMMAND_OFFSET = 1;
    private static final int DATA_OFFSET = 2;

    private final ReceiveFilter filter;
    private final Offloads guestOffloads;
    private final long[] unicast = new long[ReceiveFilter.TABLE_SIZE];
    private final long[] multicast = new long[ReceiveFilter.TABLE_SIZE];
    private long features;

    /** Takes what the driver from now on takes unfinished, of what it negotiated. */
    @FunctionalInterface
    interface Offloads {
        /** @param offloads bits of {@link NetOffload} */
        void set(int offloads);
    }

    ControlQueue(ReceiveFilter filter, Offloads guestOffloads) {
        this.filter = filter;
        this.guestOffloads = guestOffloads;
    }

    /** @param negotiated bits of {@link NetFeature} */
    void begin(long negotiated) {
        features = negotiated;
    }

    /** Carries out all commands that there are. */
    void serve(VirtQueue queue) {
        for (DescriptorChain chain = queue.pop(); chain != null; chain = queue.pop()) {
            if (chain.writableBytes() == 0) {
                queue.fail("a command without room for its status");
                return;
            }
            boolean done = chain.readableBytes() >= DATA_OFFSET && carryOut(chain);
            chain.writeByte(0, done ? OK : ERROR);
            queue.push(chain, 1);
            queue.flush();
        }
    }

    private boolean carryOut(DescriptorChain chain) {
        int command = (int) chain.readNumber(COMMAND_OFFSET, 1);
        long length = chain.readableBytes() - DATA_OFFSET;
        return switch ((int) chain.readNumber(0, 1)) {
            case RX_CLASS -> length >= 1 && setMode(command, chain.readNumber(DATA_OFFSET, 1) != 0);
            case MAC_CLASS -> switch (command) {
                case MAC_TABLE_SET -> NetFeature.CTRL_RX.isIn(features) && setTables(chain);
                case MAC_ADDR_SET -> length == ReceiveFilter.ADDRESS_SIZE && setAddress(address(chain, DATA_OFFSET));
                default -> false;
            };
            case VLAN_CLASS -> length >= Short.BYTES
                    && setVlan(command, (int) chain.readNumber(DATA_OFFSET, Short.BYTES));
            case GUEST_OFFLOADS_CLASS -> command == GUEST_OFFLOADS_SET && length >= Long.BYTES
                    && setOffloads(chain.readNumber(DATA_OFFSET, Long.BYTES));
            default -> false;
        };
    }

    private boolean setMode(int mode, boolean on) {
        NetFeature needed = mode <= ReceiveFilter.ALL_MULTICAST ? NetFeature.CTRL_RX : NetFeature.CTRL_RX_EXTRA;
        if (mode >= ReceiveFilter.MODES || !needed.isIn(features)) {
            return false;
        }
        filter.setMode(mode, on);
        return true;
    }

    private boolean setAddress(long address) {
        if (!NetFeature.CTRL_MAC_ADDR.isIn(features)) {
            return false;
        }
        filter.setAddress(address);
        return true;
    }

    private boolean setVlan(int command, int vlan) {
        if (!NetFeature.CTRL_VLAN.isIn(features) || command > VLAN_DEL || vlan >= ReceiveFilter.VLANS) {
            return false;
        }
        filter.setVlan(vlan, command == VLAN_ADD);
        return true;
    }

    /** Two tables, each a 32-bit count and its addresses. */
    private boolean setTables(DescriptorChain chain) {
        long unicastCount = readTable(chain, DATA_OFFSET, unicast);
        long second = DATA_OFFSET + Integer.BYTES + unicastCount * ReceiveFilter.ADDRESS_SIZE;
        long multicastCount = unicastCount < 0 ? -1 : readTable(chain, second, multicast);
        if (multicastCount < 0) {
            return false;
        }
        filter.setTables(unicast, (int) unicastCount, multicast, (int) multicastCount);
        return true;
    }

    /**
     * Reads as much of a table as may be of use.
     *
     * @return how many addresses there are, or -1 if they are not there
     */
    private static long readTable(DescriptorChain chain, long offset, long[] into) {
        if (chain.readableBytes() - offset < Integer.BYTES) {
            return -1;
        }
        long count = chain.readNumber(offset, Integer.BYTES);
        long first = offset + Integer.BYTES;
        if (count > (chain.readableBytes() - first) / ReceiveFilter.ADDRESS_SIZE) {
            return -1;
        }
        for (int i = 0; i < Math.min(count, into.length); i++) {
            into[i] = address(chain, first + (long) i * ReceiveFilter.ADDRESS_SIZE);
        }
        return count;
    }

    private static long address(DescriptorChain chain, long offset) {
        return Long.reverseBytes(chain.readNumber(offset, ReceiveFilter.ADDRESS_SIZE)) >>> Short.SIZE;
    }

    /** @param wanted bits of {@link NetFeature}, none but what the driver negotiated */
    private boolean setOffloads(long wanted) {
        long possible = features & (NetFeature.GUEST_CSUM.bit() | NetFeature.GUEST_TSO4.bit()
                | NetFeature.GUEST_TSO6.bit() | NetFeature.GUEST_ECN.bit());
        if (!NetFeature.CTRL_GUEST_OFFLOADS.isIn(features) || (wanted & ~possible) != 0) {
            return false;
        }
        guestOffloads.set(NetFeature.guestOffloads(NetFeature.consistent(wanted)));
        return true;
    }
}
