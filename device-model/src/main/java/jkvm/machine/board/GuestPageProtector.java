package jkvm.machine.board;

import jkvm.device.board.PageProtector;
import jkvm.linux.Mapping;
import jkvm.linux.Syscalls;
import jkvm.memory.GuestMemory;

/** Takes a page of guest RAM away from this process and gives it back, so that KVM has to map it anew. */
final class GuestPageProtector implements PageProtector {
    private static final int PAGE_SIZE = 4096;
    private final GuestMemory memory;
    private final Syscalls syscalls;

    GuestPageProtector(GuestMemory memory, Syscalls syscalls) {
        this.memory = memory;
        this.syscalls = syscalls;
    }

    @Override
    public void revokeAndRestore(long guestPhysicalAddress) {
        if (memory.contains(guestPhysicalAddress, PAGE_SIZE)) {
            Mapping.revokeAndRestore(syscalls, memory.slice(guestPhysicalAddress, PAGE_SIZE));
        }
    }
}
