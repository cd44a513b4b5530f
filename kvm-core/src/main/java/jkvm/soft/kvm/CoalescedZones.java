package jkvm.soft.kvm;

import java.util.Arrays;
import jkvm.abi.KvmCoalescedMmioRing;
import jkvm.abi.KvmCoalescedMmioZone;

/**
 * Ports and addresses whose writes wait in a ring for user space (KVM API 4.116). The ring is one page, which all vCPUs
 * of the VM share.
 */
final class CoalescedZones {
    private record Zone(boolean port, long start, long size) {
        boolean holds(long address, int length) {
            return address >= start && address - start <= size - length;
        }
    }

    private final long ring;
    private volatile Zone[] ports = {};
    private volatile Zone[] memory = {};

    /** @param ring address of the page */
    CoalescedZones(long ring) {
        this.ring = ring;
    }

    /** KVM_REGISTER_COALESCED_MMIO, or its opposite, with the struct at {@code address}. */
    synchronized long request(long address, boolean register) {
        int pio = ProcessMemory.getInt(address + KvmCoalescedMmioZone.PIO_OFFSET);
        if (Integer.compareUnsigned(pio, 1) > 0) {
            return NegatedErrno.EINVAL;
        }
        Zone zone = new Zone(pio == 1, ProcessMemory.getLong(address + KvmCoalescedMmioZone.ADDR_OFFSET),
                Integer.toUnsignedLong(ProcessMemory.getInt(address + KvmCoalescedMmioZone.SIZE_OFFSET)));
        Zone[] before = zone.port ? ports : memory;
        Zone[] after;
        if (register) {
            after = Arrays.copyOf(before, before.length + 1);
            after[before.length] = zone;
        } else {
            after = Arrays.stream(before).filter(other -> !zone.holds(other.start, 0)
                    || !zone.holds(other.start + other.size, 0)).toArray(Zone[]::new);
        }
        if (zone.port) {
            ports = after;
        } else {
            memory = after;
        }
        return 0;
    }

    /**
     * A write to a port.
     *
     * @return true if it waits in the ring now
     */
    boolean writePort(int port, int size, long value) {
        return ports.length != 0 && isInside(ports, port, size) && add(true, port, size, value);
    }

    /**
     * A write to memory.
     *
     * @return true if it waits in the ring now
     */
    boolean writeMemory(long gpa, int size, long value) {
        return memory.length != 0 && isInside(memory, gpa, size) && add(false, gpa, size, value);
    }

    /** True if a write to memory would find room. */
    boolean takesMemory(long gpa, int size) {
        return memory.length != 0 && isInside(memory, gpa, size) && hasRoom(last());
    }

    private static boolean isInside(Zone[] zones, long address, int size) {
        for (Zone zone : zones) {
            if (zone.holds(address, size)) {
                return true;
            }
        }
        return false;
    }

    private int last() {
        return ProcessMemory.getInt(ring + KvmCoalescedMmioRing.LAST_OFFSET);
    }

    /** KVM's arithmetic, unsigned on a ring that is no power of two: it is full early at times. */
    private boolean hasRoom(int last) {
        int first = ProcessMemory.getIntAcquire(ring + KvmCoalescedMmioRing.FIRST_OFFSET);
        return Integer.remainderUnsigned(first - last - 1, KvmCoalescedMmioRing.CAPACITY) != 0
                && Integer.compareUnsigned(last, KvmCoalescedMmioRing.CAPACITY) < 0;
    }

    private synchronized boolean add(boolean port, long address, int size, long value) {
        int last = last();
        if (!hasRoom(last)) {
            return false;
        }
        long entry = ring + KvmCoalescedMmioRing.ENTRIES_OFFSET + last * KvmCoalescedMmioRing.ENTRY_SIZE;
        ProcessMemory.setLong(entry + KvmCoalescedMmioRing.ENTRY_PHYS_ADDR_OFFSET, address);
        ProcessMemory.setInt(entry + KvmCoalescedMmioRing.ENTRY_LEN_OFFSET, size);
        ProcessMemory.setInt(entry + KvmCoalescedMmioRing.ENTRY_PIO_OFFSET, port ? 1 : 0);
        ProcessMemory.set(entry + KvmCoalescedMmioRing.ENTRY_DATA_OFFSET, size, value);
        ProcessMemory.setIntRelease(ring + KvmCoalescedMmioRing.LAST_OFFSET,
                (last + 1) % KvmCoalescedMmioRing.CAPACITY);
        return true;
    }
}
