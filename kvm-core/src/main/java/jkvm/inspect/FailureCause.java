package jkvm.inspect;

import jkvm.abi.KvmExit;
import jkvm.abi.KvmRun;
import jkvm.linux.Errno;
import jkvm.linux.LinuxException;

/**
 * The meaning of a failed exit, in words.
 *
 * @param headline one line: what happened, with KVM's own numbers
 * @param meaning  what it means
 * @param advice   what to try
 */
record FailureCause(String headline, String meaning, String advice) {
    private static final long FIELD_0 = KvmRun.EXIT_OFFSET;
    private static final long FIELD_4 = KvmRun.EXIT_OFFSET + 4;
    private static final long FIELD_8 = KvmRun.EXIT_OFFSET + 8;
    private static final long FIELD_16 = KvmRun.EXIT_OFFSET + 16;
    private static final int MAX_DATA = 16;
    private static final int MAX_INSTRUCTION = 15;
    private static final long HAS_INSTRUCTION_BYTES = 1;
    private static final int SUBERROR_EMULATION = 1;
    private static final String TRY_LAB =
            "run the same line in a machine with hardware virtualisation: jkvm lab -- ...";

    /** The cause of an exit from which the guest cannot go on. */
    static FailureCause ofExit(KvmRun run, int reason) {
        return switch (reason) {
            case KvmExit.SHUTDOWN -> new FailureCause("guest shut down (KVM_EXIT_SHUTDOWN)",
                    "a triple fault: an exception, then a fault while its handler and the double fault's were called",
                    "look at the instruction at RIP, at IDT and its limit, at CR2 for a page fault, and at the stack");
            case KvmExit.INTERNAL_ERROR -> ofInternalError(run);
            case KvmExit.FAIL_ENTRY -> ofFailedEntry(run);
            case KvmExit.UNKNOWN -> new FailureCause("KVM_EXIT_UNKNOWN, hardware exit reason 0x%x".formatted(
                    run.data(FIELD_0, 8)), "the processor left the guest for a reason that KVM does not know",
                    "a newer kernel; dmesg of the host may tell more");
            case KvmExit.MEMORY_FAULT -> new FailureCause("KVM_EXIT_MEMORY_FAULT at guest physical 0x%x, 0x%x bytes"
                    .formatted(run.data(FIELD_8, 8), run.data(FIELD_16, 8)),
                    "KVM cannot resolve the guest's access to this address",
                    "check the memory regions that the VM was given, and that the host has memory left");
            default -> new FailureCause("unexpected exit " + KvmExit.name(reason),
                    "the guest stopped for a reason that nothing here handles",
                    "jkvm doctor shows what this KVM can do");
        };
    }

    private static FailureCause ofInternalError(KvmRun run) {
        int suberror = (int) run.data(FIELD_0, 4);
        String headline = "KVM internal error, suberror %d (%s)%s".formatted(suberror, suberrorName(suberror),
                data(run, suberror));
        return switch (suberror) {
            case SUBERROR_EMULATION -> new FailureCause(headline,
                    "KVM had to emulate the instruction at RIP and cannot", "if RIP is not where the guest should be, "
                    + "look for a wild jump; else this KVM lacks the instruction: avoid it, or " + TRY_LAB);
            case 2 -> new FailureCause(headline, "two exceptions at once that KVM cannot merge into one",
                    "look at the guest's stack and interrupt table");
            case 3 -> new FailureCause(headline,
                    "the processor left the guest while it delivered an interrupt or exception: "
                    + "IDT, TSS or stack lie where there is no memory",
                    "look at IDT, TR and the stack pointer: they must lie in RAM");
            case 4 -> new FailureCause(headline, "the processor left the guest for a reason that KVM does not expect",
                    "a newer kernel; dmesg of the host may tell more");
            default -> new FailureCause(headline, "KVM gave up on this vCPU", "dmesg of the host may tell more");
        };
    }

    private static String suberrorName(int suberror) {
        return switch (suberror) {
            case SUBERROR_EMULATION -> "emulation failure";
            case 2 -> "simultaneous exceptions";
            case 3 -> "fault while an event was delivered";
            case 4 -> "unexpected exit reason";
            default -> "unknown";
        };
    }

    /** KVM's own data: the instruction's bytes where it gives them, else the numbers as they are. */
    private static String data(KvmRun run, int suberror) {
        int count = Math.clamp(run.data(FIELD_4, 4), 0, MAX_DATA);
        if (count == 0) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        if (suberror == SUBERROR_EMULATION && count >= 3 && (run.data(FIELD_8, 8) & HAS_INSTRUCTION_BYTES) != 0) {
            int size = Math.clamp(run.data(FIELD_16, 1), 0, MAX_INSTRUCTION);
            text.append(", instruction bytes");
            for (int i = 0; i < size; i++) {
                text.append(" %02x".formatted(run.data(FIELD_16 + 1 + i, 1)));
            }
            return text.toString();
        }
        text.append(", data");
        for (int i = 0; i < count; i++) {
            text.append(" 0x%x".formatted(run.data(FIELD_8 + 8L * i, 8)));
        }
        return text.toString();
    }

    private static FailureCause ofFailedEntry(KvmRun run) {
        long reason = run.data(FIELD_0, 8);
        String headline = "KVM failed to enter the guest, hardware reason 0x%x".formatted(reason);
        String checkState = "check what was set with KVM_SET_SREGS: segment types and limits against the mode, "
                + "CR0, CR4 and EFER against each other, and bit 1 of RFLAGS, which must be set";
        if ((int) reason == -1) {
            return new FailureCause(headline, "AMD: VMRUN refused the guest's state as invalid (VMEXIT_INVALID)",
                    checkState);
        }
        boolean isVmxEntryFailure = (reason & 1L << 31) != 0;
        if (isVmxEntryFailure) {
            return switch ((int) (reason & 0xFFFF)) {
                case 33 -> new FailureCause(headline, "Intel: the guest's state is invalid", checkState
                        + "; on a processor without unrestricted guest mode: "
                        + "modprobe kvm_intel emulate_invalid_guest_state=1");
                case 34 -> new FailureCause(headline, "Intel: an MSR of the guest could not be loaded",
                        "check what was set with KVM_SET_MSRS");
                case 41 -> new FailureCause(headline, "Intel: a machine check came during the entry",
                        "the host's hardware reports an error: see its dmesg");
                default -> new FailureCause(headline, "Intel: the entry failed", checkState);
            };
        }
        return switch ((int) reason) {
            case 7 -> new FailureCause(headline, "Intel: VM entry with invalid control fields",
                    "the host's KVM is at fault; dmesg of the host may tell more");
            case 8 -> new FailureCause(headline, "Intel: VM entry with invalid host state",
                    "the host's KVM is at fault; dmesg of the host may tell more");
            default -> new FailureCause(headline, "the processor refused to run the guest", checkState);
        };
    }

    /** The cause of a KVM_RUN that failed with an errno. */
    static FailureCause ofErrno(LinuxException failure) {
        Errno errno = failure.errno();
        return switch (errno) {
            case EFAULT -> new FailureCause(failure.getMessage(),
                    "KVM could not reach the host memory that backs a guest address",
                    "the host may be out of memory or huge pages, or a file that backs guest memory was truncated");
            case ENOMEM -> new FailureCause(failure.getMessage(), "the host has no memory for KVM's own structures",
                    "free memory on the host, or give the guest less");
            case EINVAL, EPERM, EIO -> new FailureCause(failure.getMessage(),
                    "KVM refuses to run this vCPU in the state it is in",
                    "check the registers above; dmesg of the host may tell more");
            default -> new FailureCause(failure.getMessage(), "KVM_RUN failed in the host",
                    "dmesg of the host may tell more; jkvm doctor shows what this KVM can do");
        };
    }
}
