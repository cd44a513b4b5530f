package jkvm.soft.kvm;

/** Which model-specific registers user space is told of (KVM API 4.3). */
final class MsrLists {
    /** KVM_GET_MSRS and KVM_SET_MSRS take fewer entries than this. */
    static final int MAX_ENTRIES = 256;
    private static final int[] SAVED = {0x174, 0x175, 0x176, 0xC0000081, 0xC0000082, 0xC0000083, 0xC0000084, 0xC0000102,
        0xC0000103, 0x10, 0x277};
    private static final int[] FEATURES = {0x8B};

    private MsrLists() {
    }

    static int[] saved() {
        return SAVED;
    }

    static int[] features() {
        return FEATURES;
    }

    static boolean isFeature(int index) {
        return index == FEATURES[0];
    }

    static long feature(int index) {
        return 0x1000065;
    }
}
