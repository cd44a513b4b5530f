package jkvm.vm;

import java.util.HexFormat;
import java.util.List;
import java.util.stream.LongStream;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmRun;

/**
 * An exit as a value, for readers, tools and reports: it stays as it is when the guest goes on. One record per exit
 * reason of x86 (KVM API chapter 5). The run loop does without and switches on {@link KvmRun#exitReason()}.
 */
public sealed interface VcpuExit {

    /** One of {@link KvmExit}. */
    int reason();

    /**
     * Port access. A string instruction makes {@code count} of them, of {@code size} bytes each.
     *
     * @param data what the guest writes, {@code size * count} bytes; for a read, what the memory held
     */
    record Io(boolean write, int port, int size, int count, List<Byte> data) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.IO;
        }
    }

    /**
     * Memory access outside of RAM.
     *
     * @param value what the guest writes, little-endian
     */
    record Mmio(boolean write, long address, int size, long value) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.MMIO;
        }
    }

    /** VMCALL or VMMCALL. */
    record Hypercall(long number, List<Long> arguments, boolean longMode) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.HYPERCALL;
        }
    }

    /**
     * Single step or breakpoint.
     *
     * @param exception 1 for a trap, 3 for INT3
     */
    record Debug(int exception, long pc, long dr6, long dr7) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.DEBUG;
        }
    }

    /**
     * KVM itself cannot go on with the guest.
     *
     * @param suberror    1 emulation, 2 exceptions at once, 3 event delivery, 4 unexpected exit
     * @param instruction the bytes that could not be emulated, where the kernel tells
     */
    @SuppressWarnings("AvoidCommonTypeNames")   // KVM's name
    record InternalError(int suberror, List<Long> data, List<Byte> instruction) implements VcpuExit {
        public static final int EMULATION = 1, SIMULTANEOUS_EXCEPTIONS = 2, DELIVERY = 3, UNEXPECTED_EXIT = 4;

        @Override
        public int reason() {
            return KvmExit.INTERNAL_ERROR;
        }

        /** The suberror in words. */
        public String meaning() {
            return switch (suberror) {
                case EMULATION -> "an instruction that KVM cannot emulate";
                case SIMULTANEOUS_EXCEPTIONS -> "several exceptions at once";
                case DELIVERY -> "an exit while an event was delivered";
                case UNEXPECTED_EXIT -> "an exit that KVM does not know";
                default -> "suberror " + suberror;
            };
        }

        /** The instruction's bytes in hexadecimal, separated by spaces; empty where the kernel does not tell. */
        public String instructionHex() {
            return hex(instruction);
        }
    }

    /**
     * The processor refused to enter the guest.
     *
     * @param hardwareReason the processor's own code
     */
    record FailEntry(long hardwareReason, int hostCpu) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.FAIL_ENTRY;
        }
    }

    /**
     * The guest asks for a change of the whole system.
     *
     * @param type 1 shutdown, 2 reset, 3 crash, 4 wakeup, 5 suspend, 6 SEV termination
     */
    record SystemEvent(int type, List<Long> data) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.SYSTEM_EVENT;
        }
    }

    /** Triple fault. */
    record Shutdown() implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.SHUTDOWN;
        }
    }

    /** HLT without an in-kernel interrupt controller. */
    record Hlt() implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.HLT;
        }
    }

    /** The guest can take the interrupt that a window was requested for. */
    record IrqWindowOpen() implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.IRQ_WINDOW_OPEN;
        }
    }

    /** The guest lowered CR8. */
    record SetTpr(long cr8) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.SET_TPR;
        }
    }

    /** An access to the task priority register, after {@link Vcpu#reportTprAccess(boolean)}. */
    record TprAccess(long rip, boolean write) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.TPR_ACCESS;
        }
    }

    /** A level-triggered interrupt of an IOAPIC outside the kernel ended. */
    record IoapicEoi(int vector) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.IOAPIC_EOI;
        }
    }

    /**
     * A request of Hyper-V's interface.
     *
     * @param type 1 synthetic interrupt controller, 2 hypercall, 3 debugger
     */
    record Hyperv(int type) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.HYPERV;
        }
    }

    /**
     * RDMSR of a register that user space answers for.
     *
     * @param cause 1 invalid, 2 unknown, 4 filtered
     */
    record Rdmsr(int index, int cause) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.X86_RDMSR;
        }
    }

    /**
     * WRMSR of a register that user space answers for.
     *
     * @param cause 1 invalid, 2 unknown, 4 filtered
     */
    record Wrmsr(int index, long value, int cause) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.X86_WRMSR;
        }
    }

    /** The dirty ring is nearly full; the vCPU goes on once it is read ({@link DirtyRing}). */
    record DirtyRingFull() implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.DIRTY_RING_FULL;
        }
    }

    /** An SEV-ES guest parked a secondary processor. */
    record ApResetHold() implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.AP_RESET_HOLD;
        }
    }

    /** The guest locked the bus, where that is to be reported (KVM_CAP_X86_BUS_LOCK_EXIT). */
    record BusLock() implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.X86_BUS_LOCK;
        }
    }

    /**
     * A request of Xen's interface.
     *
     * @param type 1 hypercall
     */
    record Xen(int type) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.XEN;
        }
    }

    /**
     * The guest kept events from being delivered.
     *
     * @param contextInvalid it cannot go on
     */
    record Notify(boolean contextInvalid) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.NOTIFY;
        }
    }

    /** An access that guest memory cannot serve; KVM_RUN answers EFAULT with it. */
    record MemoryFault(long address, long size, boolean privateAccess) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.MEMORY_FAULT;
        }
    }

    /** An exception of the guest that the kernel hands on. */
    @SuppressWarnings("AvoidCommonTypeNames")   // KVM's name
    record Exception(int vector, int errorCode) implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.EXCEPTION;
        }
    }

    /** A non-maskable interrupt of the host ended the run. */
    record Nmi() implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.NMI;
        }
    }

    /** A signal interrupted KVM_RUN. */
    record Intr() implements VcpuExit {
        @Override
        public int reason() {
            return KvmExit.INTR;
        }
    }

    /**
     * Anything else.
     *
     * @param hardwareReason the processor's code, valid for {@link KvmExit#UNKNOWN}
     */
    record Unknown(int reason, long hardwareReason) implements VcpuExit {
    }

    /** The exit that {@code run} describes. */
    static VcpuExit of(KvmRun run) {
        return switch (run.exitReason()) {
            case KvmExit.IO -> VcpuExits.io(run);
            case KvmExit.MMIO -> VcpuExits.mmio(run);
            case KvmExit.HYPERCALL -> new Hypercall(run.hypercallNr(),
                    LongStream.range(0, 6).map(i -> run.hypercallArg((int) i)).boxed().toList(),
                    (run.hypercallFlags() & 1) != 0);
            case KvmExit.DEBUG -> new Debug(run.debugException(), run.debugPc(), run.debugDr6(), run.debugDr7());
            case KvmExit.INTERNAL_ERROR -> VcpuExits.internalError(run);
            case KvmExit.FAIL_ENTRY -> new FailEntry(run.failEntryReason(), run.failEntryCpu());
            case KvmExit.SYSTEM_EVENT -> VcpuExits.systemEvent(run);
            case KvmExit.SHUTDOWN -> new Shutdown();
            case KvmExit.HLT -> new Hlt();
            case KvmExit.IRQ_WINDOW_OPEN -> new IrqWindowOpen();
            case KvmExit.SET_TPR -> new SetTpr(run.cr8());
            case KvmExit.TPR_ACCESS -> new TprAccess(run.tprAccessRip(), run.isTprAccessWrite());
            case KvmExit.IOAPIC_EOI -> new IoapicEoi(run.eoiVector());
            case KvmExit.HYPERV -> new Hyperv(run.hypervType());
            case KvmExit.X86_RDMSR -> new Rdmsr(run.msrIndex(), run.msrReason());
            case KvmExit.X86_WRMSR -> new Wrmsr(run.msrIndex(), run.msrData(), run.msrReason());
            case KvmExit.DIRTY_RING_FULL -> new DirtyRingFull();
            case KvmExit.AP_RESET_HOLD -> new ApResetHold();
            case KvmExit.X86_BUS_LOCK -> new BusLock();
            case KvmExit.XEN -> new Xen(run.xenType());
            case KvmExit.NOTIFY -> new Notify((run.notifyFlags() & 1) != 0);
            case KvmExit.MEMORY_FAULT -> new MemoryFault(run.memoryFaultGpa(), run.memoryFaultSize(),
                    (run.memoryFaultFlags() & 8) != 0);
            case KvmExit.EXCEPTION -> new Exception(run.exceptionVector(), run.exceptionErrorCode());
            case KvmExit.NMI -> new Nmi();
            case KvmExit.INTR -> new Intr();
            default -> new Unknown(run.exitReason(), run.hwExitReason());
        };
    }

    private static String hex(List<Byte> bytes) {
        byte[] array = new byte[bytes.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = bytes.get(i);
        }
        return HexFormat.ofDelimiter(" ").formatHex(array);
    }
}
