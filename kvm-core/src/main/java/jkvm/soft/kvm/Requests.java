package jkvm.soft.kvm;

import java.util.Arrays;
import jkvm.abi.KvmIoctl;

/** Finds the request of a number without boxing: by the number's low byte, then by comparison. */
final class Requests {
    private static final KvmIoctl[][] BY_LOW_BYTE = new KvmIoctl[256][];

    static {
        for (KvmIoctl request : KvmIoctl.values()) {
            int low = (int) request.number() & 0xFF;
            KvmIoctl[] before = BY_LOW_BYTE[low] == null ? new KvmIoctl[0] : BY_LOW_BYTE[low];
            KvmIoctl[] after = Arrays.copyOf(before, before.length + 1);
            after[before.length] = request;
            BY_LOW_BYTE[low] = after;
        }
    }

    private Requests() {
    }

    /** The request, or null if KVM has none of this number. The kernel looks at 32 bits of it. */
    static KvmIoctl of(long number) {
        KvmIoctl[] candidates = BY_LOW_BYTE[(int) number & 0xFF];
        if (candidates != null) {
            for (KvmIoctl request : candidates) {
                if ((int) request.number() == (int) number) {
                    return request;
                }
            }
        }
        return null;
    }
}
