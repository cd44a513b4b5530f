package jkvm.device.platform;

/** The bytes of the CMOS memory by which a PC's firmware learns about the machine: memory sizes as QEMU has them. */
final class CmosLayout {
    static final int EQUIPMENT_REGISTER = 0x14;
    static final int BASE_MEMORY_REGISTER = 0x15;
    static final int EXTENDED_MEMORY_REGISTER = 0x17;
    static final int EXTENDED_MEMORY_COPY_REGISTER = 0x30;
    static final int MEMORY_OVER_16M_REGISTER = 0x34;
    static final int MEMORY_OVER_4G_REGISTER = 0x5b;
    static final int CPU_COUNT_REGISTER = 0x5f;
    /** FPU, PS/2 mouse. */
    private static final int DEFAULT_EQUIPMENT = 0x06;

    private CmosLayout() {
    }

    /**
     * Describes a machine.
     *
     * @param memoryBelow4G bytes of RAM from 0 on
     * @param memoryAbove4G bytes of RAM from 4 GiB on
     */
    static void describe(byte[] cmos, long memoryBelow4G, long memoryAbove4G, int cpuCount) {
        cmos[EQUIPMENT_REGISTER] = DEFAULT_EQUIPMENT;
        put(cmos, BASE_MEMORY_REGISTER, 2, Math.min(memoryBelow4G >> 10, 640));
        long extended = Math.clamp((memoryBelow4G >> 10) - 1024, 0, 0xffff);
        put(cmos, EXTENDED_MEMORY_REGISTER, 2, extended);
        put(cmos, EXTENDED_MEMORY_COPY_REGISTER, 2, extended);
        put(cmos, MEMORY_OVER_16M_REGISTER, 2, Math.clamp((memoryBelow4G >> 16) - 256, 0, 0xffff));
        put(cmos, MEMORY_OVER_4G_REGISTER, 3, Math.min(memoryAbove4G >> 16, 0xff_ffff));
        cmos[CPU_COUNT_REGISTER] = (byte) (cpuCount - 1);
    }

    private static void put(byte[] cmos, int register, int size, long value) {
        for (int i = 0; i < size; i++) {
            cmos[register + i] = (byte) (value >> 8 * i);
        }
    }
}
