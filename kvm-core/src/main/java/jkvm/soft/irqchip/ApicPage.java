package jkvm.soft.irqchip;

/**
 * A local APIC's registers and what follows from them: its mode, its ids, the destinations that it answers to. All
 * methods with the chips' lock held, but for those that only need the base.
 */
final class ApicPage {
    private final int vcpuId;
    private final int[] words = new int[ApicRegister.STATE_SIZE / Integer.BYTES];
    /** IA32_APIC_BASE. Written with the lock held. */
    private volatile long base;
    final VectorSet inService = new VectorSet(words, ApicRegister.IN_SERVICE);
    final VectorSet triggerMode = new VectorSet(words, ApicRegister.TRIGGER_MODE);
    final VectorSet requests = new VectorSet(words, ApicRegister.REQUEST);

    ApicPage(int vcpuId) {
        this.vcpuId = vcpuId;
    }

    int get(int register) {
        return words[register / Integer.BYTES];
    }

    void set(int register, int value) {
        words[register / Integer.BYTES] = value;
    }

    /** The words of KVM_GET_LAPIC, also those between registers. */
    int[] words() {
        return words;
    }

    int vcpuId() {
        return vcpuId;
    }

    // Base and mode.

    long base() {
        return base;
    }

    void setBase(long value) {
        base = value;
    }

    long address() {
        return base & -ApicRegister.PAGE_SIZE;
    }

    boolean isHardwareEnabled() {
        return (base & ApicRegister.BASE_ENABLE_BIT) != 0;
    }

    boolean isX2Apic() {
        return isX2Apic(base);
    }

    static boolean isX2Apic(long base) {
        long both = ApicRegister.BASE_ENABLE_BIT | ApicRegister.BASE_X2APIC_BIT;
        return (base & both) == both;
    }

    boolean isSoftwareEnabled() {
        return (get(ApicRegister.SPURIOUS_VECTOR) & ApicRegister.SPURIOUS_ENABLE_BIT) != 0;
    }

    // Ids.

    int xapicId() {
        return get(ApicRegister.ID) >>> 24;
    }

    int logicalDestination() {
        return get(ApicRegister.LOGICAL_DESTINATION);
    }

    boolean isFlat() {
        return get(ApicRegister.DESTINATION_FORMAT) == ApicRegister.DFR_FLAT;
    }

    void takeXapicId() {
        set(ApicRegister.ID, vcpuId << 24);
    }

    /** x2APIC's ids are the vCPU's number, and the logical one follows from it (SDM volume 3, 11.12.10.2). */
    void takeX2ApicIds() {
        set(ApicRegister.ID, vcpuId);
        set(ApicRegister.LOGICAL_DESTINATION, vcpuId >> 4 << 16 | 1 << (vcpuId & 0xF));
    }

    private boolean isBroadcast(int destination) {
        return destination == (isX2Apic() ? ApicBus.X2APIC_BROADCAST : ApicBus.XAPIC_BROADCAST);
    }

    boolean matchesPhysical(int destination) {
        if (isBroadcast(destination)) {
            return true;
        }
        if (isX2Apic() || vcpuId > ApicBus.XAPIC_BROADCAST) {
            return destination == vcpuId;
        }
        return destination == xapicId();
    }

    boolean matchesLogical(int destination) {
        if (isBroadcast(destination)) {
            return true;
        }
        int own = logicalDestination();
        if (isX2Apic()) {
            return own >>> 16 == destination >>> 16 && (own & destination & 0xFFFF) != 0;
        }
        int id = own >>> 24;
        return switch (get(ApicRegister.DESTINATION_FORMAT)) {
            case ApicRegister.DFR_FLAT -> (id & destination) != 0;
            case ApicRegister.DFR_CLUSTER -> id >>> 4 == destination >>> 4 && (id & destination & 0xF) != 0;
            default -> false;
        };
    }

    // Priorities.

    /** Processor priority from task priority and the interrupt in service (SDM volume 3, 11.8.3.1). */
    void updatePriority() {
        int taskPriority = get(ApicRegister.TASK_PRIORITY) & 0xFF;
        int highest = inService.highest();
        int serviced = highest < 0 ? 0 : highest & 0xF0;
        set(ApicRegister.PROCESSOR_PRIORITY, (taskPriority & 0xF0) >= serviced ? taskPriority : serviced);
    }

    /** The most urgent request that the priority lets through, or -1. */
    int deliverable() {
        if (!isHardwareEnabled()) {
            return -1;
        }
        int vector = requests.highest();
        return vector >= 0 && (vector & 0xF0) > get(ApicRegister.PROCESSOR_PRIORITY) ? vector : -1;
    }
}
