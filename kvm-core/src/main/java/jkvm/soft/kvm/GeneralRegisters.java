package jkvm.soft.kvm;

import java.util.Arrays;
import jkvm.abi.KvmDebugRegs;
import jkvm.abi.KvmFpu;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmXcrs;
import jkvm.abi.KvmXsave;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.Flags;
import jkvm.soft.fpu.FpuState;
import jkvm.soft.fpu.XsaveArea;

/** Copies general, debug, x87 and SSE registers between the processor and the API's structs. On the vCPU's thread. */
final class GeneralRegisters {
    /** Registers in the order of {@code struct kvm_regs}. */
    private static final int[] ORDER = {Cpu.RAX, Cpu.RBX, Cpu.RCX, Cpu.RDX, Cpu.RSI, Cpu.RDI, Cpu.RSP, Cpu.RBP, 8, 9,
        10, 11, 12, 13, 14, 15};
    private static final long X87_BIT = 1, SSE_BIT = 2, AVX_BIT = 4;
    private static final int MXCSR_OFFSET = 24, MXCSR_RESERVED = 0xFFFF0000;

    private final Cpu cpu;
    private final byte[] area = new byte[XsaveArea.SIZE];

    GeneralRegisters(Cpu cpu) {
        this.cpu = cpu;
    }

    void getRegs(long address) {
        for (int i = 0; i < ORDER.length; i++) {
            ProcessMemory.setLong(address + i * 8L, cpu.r[ORDER[i]]);
        }
        ProcessMemory.setLong(address + KvmRegs.RIP_OFFSET, cpu.rip);
        ProcessMemory.setLong(address + KvmRegs.RFLAGS_OFFSET, Flags.all(cpu));
    }

    void setRegs(long address) {
        for (int i = 0; i < ORDER.length; i++) {
            cpu.r[ORDER[i]] = ProcessMemory.getLong(address + i * 8L);
        }
        cpu.rip = ProcessMemory.getLong(address + KvmRegs.RIP_OFFSET);
        Flags.setAll(cpu, ProcessMemory.getLong(address + KvmRegs.RFLAGS_OFFSET) | Cpu.RESERVED_1);
    }

    void getDebugRegs(long address) {
        ProcessMemory.at(address, KvmDebugRegs.SIZE).fill((byte) 0);
        for (int i = 0; i < 4; i++) {
            ProcessMemory.setLong(address + KvmDebugRegs.DB_OFFSET + i * 8L, cpu.dr[i]);
        }
        ProcessMemory.setLong(address + KvmDebugRegs.DR6_OFFSET, cpu.dr[6]);
        ProcessMemory.setLong(address + KvmDebugRegs.DR7_OFFSET, cpu.dr[7]);
    }

    long setDebugRegs(long address) {
        long dr6 = ProcessMemory.getLong(address + KvmDebugRegs.DR6_OFFSET);
        long dr7 = ProcessMemory.getLong(address + KvmDebugRegs.DR7_OFFSET);
        if (ProcessMemory.getLong(address + KvmDebugRegs.FLAGS_OFFSET) != 0 || dr6 >>> 32 != 0 || dr7 >>> 32 != 0) {
            return NegatedErrno.EINVAL;
        }
        for (int i = 0; i < 4; i++) {
            cpu.dr[i] = ProcessMemory.getLong(address + KvmDebugRegs.DB_OFFSET + i * 8L);
        }
        cpu.dr[6] = dr6;
        cpu.dr[7] = dr7;
        return 0;
    }

    void getFpu(long address) {
        FpuState fpu = cpu.fpu;
        ProcessMemory.at(address, KvmFpu.SIZE).fill((byte) 0);
        for (int i = 0; i < 8; i++) {
            int register = fpu.physical(i);
            ProcessMemory.setLong(address + KvmFpu.FPR_OFFSET + i * 16L, fpu.significand[register]);
            ProcessMemory.setLong(address + KvmFpu.FPR_OFFSET + i * 16L + 8, fpu.exponent[register]);
        }
        ProcessMemory.setShort(address + KvmFpu.FCW_OFFSET, fpu.control);
        ProcessMemory.setShort(address + KvmFpu.FSW_OFFSET, fpu.statusWord());
        ProcessMemory.setByte(address + KvmFpu.FTWX_OFFSET, fpu.inUse);
        ProcessMemory.setShort(address + KvmFpu.LAST_OPCODE_OFFSET, fpu.lastOpcode);
        ProcessMemory.setLong(address + KvmFpu.LAST_IP_OFFSET, fpu.lastInstruction);
        ProcessMemory.setLong(address + KvmFpu.LAST_DP_OFFSET, fpu.lastData);
        for (int i = 0; i < 32; i++) {
            ProcessMemory.setLong(address + KvmFpu.XMM_OFFSET + i * 8L, fpu.xmm[i]);
        }
    }

    void setFpu(long address) {
        FpuState fpu = cpu.fpu;
        fpu.controlWord(ProcessMemory.getShort(address + KvmFpu.FCW_OFFSET));
        fpu.statusWord(ProcessMemory.getShort(address + KvmFpu.FSW_OFFSET));
        fpu.inUse = ProcessMemory.getByte(address + KvmFpu.FTWX_OFFSET) & 0xFF;
        fpu.lastOpcode = ProcessMemory.getShort(address + KvmFpu.LAST_OPCODE_OFFSET) & 0x7FF;
        fpu.lastInstruction = ProcessMemory.getLong(address + KvmFpu.LAST_IP_OFFSET);
        fpu.lastData = ProcessMemory.getLong(address + KvmFpu.LAST_DP_OFFSET);
        for (int i = 0; i < 8; i++) {
            int register = fpu.physical(i);
            fpu.significand[register] = ProcessMemory.getLong(address + KvmFpu.FPR_OFFSET + i * 16L);
            fpu.exponent[register] = ProcessMemory.getShort(address + KvmFpu.FPR_OFFSET + i * 16L + 8);
        }
        for (int i = 0; i < 32; i++) {
            fpu.xmm[i] = ProcessMemory.getLong(address + KvmFpu.XMM_OFFSET + i * 8L);
        }
    }

    /**
     * KVM_GET_XSAVE: the standard form, whatever XCR0 the guest has.
     *
     * @param components that this vCPU has
     */
    void getXsave(long address, long components) {
        Arrays.fill(area, (byte) 0);
        XsaveArea.save(cpu.fpu, area, components, components, true, 16);
        ProcessMemory.at(address, KvmXsave.SIZE).fill((byte) 0);
        ProcessMemory.put(address, area);
    }

    long setXsave(long address, long components) {
        ProcessMemory.get(address, area);
        boolean badMxcsr = (ProcessMemory.getInt(address + MXCSR_OFFSET) & MXCSR_RESERVED) != 0;
        if (badMxcsr || !XsaveArea.isValid(area, components, components)
                || ProcessMemory.getLong(address + XsaveArea.XCOMP_BV_OFFSET) != 0) {
            return NegatedErrno.EINVAL;
        }
        XsaveArea.restore(cpu.fpu, area, components, true, 16);
        return 0;
    }

    void getXcrs(long address) {
        ProcessMemory.at(address, KvmXcrs.SIZE).fill((byte) 0);
        ProcessMemory.setInt(address + KvmXcrs.NR_XCRS_OFFSET, 1);
        ProcessMemory.setLong(address + KvmXcrs.XCRS_OFFSET + 8, cpu.xcr0);
    }

    long setXcrs(long address, long components) {
        int count = ProcessMemory.getInt(address + KvmXcrs.NR_XCRS_OFFSET);
        if (Integer.compareUnsigned(count, KvmXcrs.MAX_XCRS) > 0
                || ProcessMemory.getInt(address + KvmXcrs.FLAGS_OFFSET) != 0) {
            return NegatedErrno.EINVAL;
        }
        for (int i = 0; i < count; i++) {
            long entry = address + KvmXcrs.XCRS_OFFSET + i * 16L;
            if (ProcessMemory.getInt(entry) == 0) {
                return setXcr0(ProcessMemory.getLong(entry + 8), components);
            }
        }
        return 0;
    }

    private long setXcr0(long value, long components) {
        boolean withoutX87 = (value & X87_BIT) == 0;
        boolean avxWithoutSse = (value & (SSE_BIT | AVX_BIT)) == AVX_BIT;
        if (withoutX87 || avxWithoutSse || (value & ~(components | X87_BIT)) != 0) {
            return NegatedErrno.EINVAL;
        }
        cpu.xcr0 = value;
        return 0;
    }
}
