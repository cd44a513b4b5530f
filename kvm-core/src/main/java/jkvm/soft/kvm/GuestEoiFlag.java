package jkvm.soft.kvm;

import jkvm.soft.irqchip.PvEoi;

/**
 * The flag in a guest's memory by which it ends an interrupt without an exit. On the vCPU's thread, inside the guest.
 */
final class GuestEoiFlag implements PvEoi {
    private final VcpuBus bus;
    private final long gpa;
    private boolean marked;

    /** @param gpa of the flag, aligned to four bytes */
    GuestEoiFlag(VcpuBus bus, long gpa) {
        this.bus = bus;
        this.gpa = gpa;
    }

    private long place() {
        long page = bus.ownPage(gpa);
        return page == 0 ? 0 : page + (gpa & ProcessMemory.PAGE - 1);
    }

    @Override
    public boolean isMarked() {
        return marked;
    }

    @Override
    public void mark() {
        long address = place();
        if (address != 0) {
            ProcessMemory.setByte(address, ProcessMemory.getByte(address) | 1);
            marked = true;
        }
    }

    @Override
    public boolean takeBack() {
        marked = false;
        long address = place();
        boolean wasSet = address == 0 || (ProcessMemory.getByte(address) & 1) != 0;
        if (address != 0) {
            ProcessMemory.setByte(address, ProcessMemory.getByte(address) & ~1);
        }
        return wasSet;
    }
}
