package jkvm.soft.kvm;

import java.util.concurrent.atomic.AtomicInteger;
import jkvm.abi.KvmVcpuEvents;
import jkvm.soft.cpu.Cpu;

/**
 * Events that wait for delivery to the guest (KVM API 4.31, KVM_GET_VCPU_EVENTS). The processor delivers an injected
 * event before any instruction, whatever masks it; a pending event waits until it is allowed. Belongs to the vCPU's
 * thread but for {@link #nmi()}.
 */
final class PendingEvents {
    private static final int FLAGS = KvmVcpuEvents.VALID_NMI_PENDING | KvmVcpuEvents.VALID_SIPI_VECTOR
            | KvmVcpuEvents.VALID_SHADOW | KvmVcpuEvents.VALID_SMM | KvmVcpuEvents.VALID_PAYLOAD
            | KvmVcpuEvents.VALID_TRIPLE_FAULT;
    private static final int BP = 3, OF = 4, NMI = 2, LAST_EXCEPTION = 31;
    private static final int MOV_SS_SHADOW = 1, STI_SHADOW = 2;

    private final SoftVcpu vcpu;
    boolean exceptionPending, exceptionInjected, hasErrorCode, hasPayload;
    int exception, errorCode;
    long payload;
    boolean interruptInjected;
    int interrupt;
    boolean nmiInjected;
    int nmiPending;
    boolean tripleFault;
    /** NMIs that other threads have sent and this vCPU has not looked at. */
    private final AtomicInteger nmisSent = new AtomicInteger();

    PendingEvents(SoftVcpu vcpu) {
        this.vcpu = vcpu;
    }

    void clear() {
        exceptionPending = false;
        exceptionInjected = false;
        interruptInjected = false;
        nmiInjected = false;
        nmiPending = 0;
        nmisSent.set(0);
        tripleFault = false;
    }

    /** Adds an NMI. Any thread. */
    void nmi() {
        nmisSent.incrementAndGet();
    }

    /** Takes over what was sent: of many NMIs two are remembered, or one while one is being handled. */
    void takeNmis() {
        if (nmisSent.getOpaque() != 0) {
            int limit = vcpu.cpu().nmiBlocked || nmiInjected ? 1 : 2;
            nmiPending = Math.min(nmiPending + nmisSent.getAndSet(0), limit);
        }
    }

    boolean hasNmi() {
        return nmiPending != 0 || nmisSent.getOpaque() != 0;
    }

    void queueException(int vector) {
        exceptionPending = true;
        exceptionInjected = false;
        exception = vector;
        hasErrorCode = false;
        hasPayload = false;
    }

    /** True if something is delivered before the next instruction. */
    boolean hasInjected() {
        return exceptionInjected || exceptionPending || interruptInjected || nmiInjected || tripleFault;
    }

    /** KVM_GET_VCPU_EVENTS. */
    void get(long address) {
        takeNmis();
        Cpu cpu = vcpu.cpu();
        ProcessMemory.at(address, KvmVcpuEvents.SIZE).fill((byte) 0);
        boolean soft = exception == BP || exception == OF;
        boolean payloads = vcpu.vm().hasExceptionPayload();
        set(address + KvmVcpuEvents.EXCEPTION_INJECTED_OFFSET,
                !soft && (exceptionInjected || exceptionPending && !payloads));
        set(address + KvmVcpuEvents.EXCEPTION_PENDING_OFFSET, !soft && exceptionPending);
        ProcessMemory.setByte(address + KvmVcpuEvents.EXCEPTION_NR_OFFSET, exception);
        set(address + KvmVcpuEvents.EXCEPTION_HAS_ERROR_CODE_OFFSET, hasErrorCode);
        ProcessMemory.setInt(address + KvmVcpuEvents.EXCEPTION_ERROR_CODE_OFFSET, errorCode);
        set(address + KvmVcpuEvents.EXCEPTION_HAS_PAYLOAD_OFFSET, hasPayload);
        ProcessMemory.setLong(address + KvmVcpuEvents.EXCEPTION_PAYLOAD_OFFSET, payload);
        set(address + KvmVcpuEvents.INTERRUPT_INJECTED_OFFSET, interruptInjected);
        ProcessMemory.setByte(address + KvmVcpuEvents.INTERRUPT_NR_OFFSET, interrupt);
        ProcessMemory.setByte(address + KvmVcpuEvents.INTERRUPT_SHADOW_OFFSET,
                (cpu.movSsShadow ? MOV_SS_SHADOW : 0) | (cpu.stiShadow ? STI_SHADOW : 0));
        set(address + KvmVcpuEvents.NMI_INJECTED_OFFSET, nmiInjected);
        set(address + KvmVcpuEvents.NMI_PENDING_OFFSET, nmiPending != 0);
        set(address + KvmVcpuEvents.NMI_MASKED_OFFSET, cpu.nmiBlocked);
        set(address + KvmVcpuEvents.TRIPLE_FAULT_PENDING_OFFSET, tripleFault && vcpu.vm().hasTripleFaultEvent());
        ProcessMemory.setInt(address + KvmVcpuEvents.FLAGS_OFFSET, KvmVcpuEvents.VALID_NMI_PENDING
                | KvmVcpuEvents.VALID_SHADOW | KvmVcpuEvents.VALID_SMM
                | (payloads ? KvmVcpuEvents.VALID_PAYLOAD : 0)
                | (vcpu.vm().hasTripleFaultEvent() ? KvmVcpuEvents.VALID_TRIPLE_FAULT : 0));
    }

    private static void set(long address, boolean value) {
        ProcessMemory.setByte(address, value ? 1 : 0);
    }

    private static boolean is(long address) {
        return ProcessMemory.getByte(address) != 0;
    }

    /**
     * KVM_SET_VCPU_EVENTS.
     *
     * @return zero or a negated errno
     */
    long set(long address) {
        int flags = ProcessMemory.getInt(address + KvmVcpuEvents.FLAGS_OFFSET);
        boolean withPayload = (flags & KvmVcpuEvents.VALID_PAYLOAD) != 0;
        boolean withTripleFault = (flags & KvmVcpuEvents.VALID_TRIPLE_FAULT) != 0;
        boolean pending = withPayload && is(address + KvmVcpuEvents.EXCEPTION_PENDING_OFFSET);
        boolean injected = !pending && is(address + KvmVcpuEvents.EXCEPTION_INJECTED_OFFSET);
        int vector = ProcessMemory.getByte(address + KvmVcpuEvents.EXCEPTION_NR_OFFSET) & 0xFF;
        if ((flags & ~FLAGS) != 0 || withPayload && !vcpu.vm().hasExceptionPayload()
                || withTripleFault && !vcpu.vm().hasTripleFaultEvent()
                || (injected || pending) && (vector > LAST_EXCEPTION || vector == NMI)
                || is(address + KvmVcpuEvents.SMI_SMM_OFFSET) && (flags & KvmVcpuEvents.VALID_SMM) != 0) {
            return NegatedErrno.EINVAL;
        }
        takeNmis();
        exceptionPending = pending;
        exceptionInjected = injected;
        exception = vector;
        hasErrorCode = is(address + KvmVcpuEvents.EXCEPTION_HAS_ERROR_CODE_OFFSET);
        errorCode = ProcessMemory.getInt(address + KvmVcpuEvents.EXCEPTION_ERROR_CODE_OFFSET);
        hasPayload = pending && is(address + KvmVcpuEvents.EXCEPTION_HAS_PAYLOAD_OFFSET);
        payload = ProcessMemory.getLong(address + KvmVcpuEvents.EXCEPTION_PAYLOAD_OFFSET);
        interruptInjected = is(address + KvmVcpuEvents.INTERRUPT_INJECTED_OFFSET);
        interrupt = ProcessMemory.getByte(address + KvmVcpuEvents.INTERRUPT_NR_OFFSET) & 0xFF;
        setMasks(address, flags);
        if (withTripleFault) {
            tripleFault = is(address + KvmVcpuEvents.TRIPLE_FAULT_PENDING_OFFSET);
        }
        return 0;
    }

    private void setMasks(long address, int flags) {
        Cpu cpu = vcpu.cpu();
        if ((flags & KvmVcpuEvents.VALID_SHADOW) != 0) {
            int shadow = ProcessMemory.getByte(address + KvmVcpuEvents.INTERRUPT_SHADOW_OFFSET);
            cpu.movSsShadow = (shadow & MOV_SS_SHADOW) != 0;
            cpu.stiShadow = (shadow & STI_SHADOW) != 0;
        }
        nmiInjected = is(address + KvmVcpuEvents.NMI_INJECTED_OFFSET);
        if ((flags & KvmVcpuEvents.VALID_NMI_PENDING) != 0) {
            nmiPending = is(address + KvmVcpuEvents.NMI_PENDING_OFFSET) ? 1 : 0;
        }
        cpu.nmiBlocked = is(address + KvmVcpuEvents.NMI_MASKED_OFFSET);
    }
}
