package jkvm.soft.kvm;

import java.util.stream.IntStream;
import jkvm.soft.cpu.Msrs;

/** The model-specific registers that KVM lists to user space (KVM API 4.3). */
final class MsrLists {
    /** KVM_GET_MSRS and KVM_SET_MSRS take fewer entries than this. */
    static final int MAX_ENTRIES = 256;
    private static final int UCODE_REVISION = 0x8B, ARCH_CAPABILITIES = 0x10A, DE_CFG = 0xC0011029;
    /** Registers that user space has to save: time, system calls, memory types, KVM's own. */
    private static final int[] SAVED = IntStream.concat(IntStream.of(VcpuMsrs.TSC, 0x174, 0x175, 0x176, 0xC0000081,
            0xC0000082, 0xC0000083, 0xC0000084, 0xC0000102, 0xC0000103, 0x277, 0x48, 0x1A0, 0x1D9, 0xC0010015,
            VcpuMsrs.TSC_ADJUST, VcpuMsrs.TSC_DEADLINE, MachineChecks.MCG_STATUS, VcpuMsrs.OLD_WALL_CLOCK,
            VcpuMsrs.OLD_SYSTEM_TIME, VcpuMsrs.WALL_CLOCK, VcpuMsrs.SYSTEM_TIME, VcpuMsrs.PV_EOI,
            VcpuMsrs.POLL_CONTROL, 0x2FF, 0x250, 0x258, 0x259),
            IntStream.concat(IntStream.range(0x268, 0x270), IntStream.range(0x200, 0x210))).toArray();
    private static final int[] FEATURES = {UCODE_REVISION, ARCH_CAPABILITIES, DE_CFG};
    private static final long[] FEATURE_VALUES = {0x1000065, Msrs.NOT_VULNERABLE, 2};

    private MsrLists() {
    }

    static int[] saved() {
        return SAVED;
    }

    static int[] features() {
        return FEATURES;
    }

    static boolean isFeature(int index) {
        return position(index) >= 0;
    }

    static long feature(int index) {
        return FEATURE_VALUES[position(index)];
    }

    private static int position(int index) {
        for (int i = 0; i < FEATURES.length; i++) {
            if (FEATURES[i] == index) {
                return i;
            }
        }
        return -1;
    }
}
