package jkvm.abi;

/**
 * KVM's requests, grouped by the kind of file descriptor that takes them. Each names the capability that a kernel must
 * have for it; null where every KVM has it.
 */
public enum KvmIoctl {
    // System
    GET_API_VERSION(io(0x00), null),
    CREATE_VM(io(0x01), null),
    CHECK_EXTENSION(io(0x03), null),
    GET_VCPU_MMAP_SIZE(io(0x04), null),

    // VM
    CREATE_VCPU(io(0x41), null),
    SET_USER_MEMORY_REGION(iow(0x46, 32), KvmCap.USER_MEMORY),
    SET_TSS_ADDR(io(0x47), KvmCap.SET_TSS_ADDR),
    SET_IDENTITY_MAP_ADDR(iow(0x48, 8), KvmCap.SET_IDENTITY_MAP_ADDR),
    CREATE_IRQCHIP(io(0x60), KvmCap.IRQCHIP),
    CREATE_PIT2(iow(0x77, 64), KvmCap.PIT2),

    // vCPU
    RUN(io(0x80), null),
    GET_REGS(ior(0x81, (int) KvmRegs.SIZE), null),
    SET_REGS(iow(0x82, (int) KvmRegs.SIZE), null),
    GET_SREGS(ior(0x83, (int) KvmSregs.SIZE), null),
    SET_SREGS(iow(0x84, (int) KvmSregs.SIZE), null);

    private final long number;
    private final KvmCap capability;

    KvmIoctl(long number, KvmCap capability) {
        this.number = number;
        this.capability = capability;
    }

    /** The request number for {@code ioctl(2)}. */
    public long number() {
        return number;
    }

    /** The capability that the request needs, or null. */
    public KvmCap capability() {
        return capability;
    }

    /** The kernel's name. */
    public String kernelName() {
        return "KVM_" + name();
    }

    private static final class Direction {
        static final int TYPE = 0xAE;
        static final long WRITE = 1L << 30;
        static final long READ = 2L << 30;
    }

    private static long io(int number) {
        return Direction.TYPE << 8 | number;
    }

    private static long iow(int number, int size) {
        return Direction.WRITE | (long) size << 16 | io(number);
    }

    private static long ior(int number, int size) {
        return Direction.READ | (long) size << 16 | io(number);
    }
}
