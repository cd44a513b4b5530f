package jkvm.soft.kvm;

/**
 * The page that one caller's arguments keep lying in: it is asked for again only after the process's mappings changed.
 * Any thread may call; a race costs a system call.
 */
final class KnownPage {
    private final SoftKvm kvm;
    /** The page's address, 1 added if it is writable. */
    private volatile long page = -1;
    private volatile int generation = -1;

    KnownPage(SoftKvm kvm) {
        this.kvm = kvm;
    }

    /** True if a range can be read, and written too if {@code write} says so. */
    boolean isAccessible(long address, long size, boolean write) {
        long first = address & -ProcessMemory.PAGE;
        boolean onePage = first == (address + size - 1 & -ProcessMemory.PAGE);
        int now = kvm.mappingGeneration();
        long known = page;
        if (onePage && generation == now && (known == first + 1 || known == first && !write)) {
            return true;
        }
        ProcessMemory memory = kvm.hostMemory();
        boolean accessible = write ? memory.isWritable(address, size) : memory.isReadable(address, size);
        if (accessible && onePage) {
            generation = -1;
            page = write ? first + 1 : first;
            generation = now;
        }
        return accessible;
    }
}
