package jkvm.control.hmp;

import java.util.OptionalLong;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;
import jkvm.vm.Vcpu;

/** The registers that an expression names: QEMU's names, and those of 64 bits by their names in the manuals. */
final class RegisterNames {

    private RegisterNames() {
    }

    /** The value of a register of a vCPU that stands, empty for an unknown name. */
    static OptionalLong find(String name, Vcpu vcpu) {
        KvmRegs regs = vcpu.regs();
        return switch (name) {
            case "rax", "eax" -> OptionalLong.of(regs.rax());
            case "rbx", "ebx" -> OptionalLong.of(regs.rbx());
            case "rcx", "ecx" -> OptionalLong.of(regs.rcx());
            case "rdx", "edx" -> OptionalLong.of(regs.rdx());
            case "rsi", "esi" -> OptionalLong.of(regs.rsi());
            case "rdi", "edi" -> OptionalLong.of(regs.rdi());
            case "rbp", "ebp", "fp" -> OptionalLong.of(regs.rbp());
            case "rsp", "esp", "sp" -> OptionalLong.of(regs.rsp());
            case "r8" -> OptionalLong.of(regs.r8());
            case "r9" -> OptionalLong.of(regs.r9());
            case "r10" -> OptionalLong.of(regs.r10());
            case "r11" -> OptionalLong.of(regs.r11());
            case "r12" -> OptionalLong.of(regs.r12());
            case "r13" -> OptionalLong.of(regs.r13());
            case "r14" -> OptionalLong.of(regs.r14());
            case "r15" -> OptionalLong.of(regs.r15());
            case "rflags", "eflags" -> OptionalLong.of(regs.rflags());
            case "rip", "eip" -> OptionalLong.of(regs.rip());
            case "pc" -> OptionalLong.of(regs.rip() + vcpu.sregs().cs().base());
            default -> special(name, vcpu.sregs());
        };
    }

    private static OptionalLong special(String name, KvmSregs sregs) {
        if (name.length() >= 2) {
            KvmSegment segment = segment(name.substring(0, 2), sregs);
            if (segment != null) {
                return part(segment, name.substring(2));
            }
        }
        return switch (name) {
            case "cr0" -> OptionalLong.of(sregs.cr0());
            case "cr2" -> OptionalLong.of(sregs.cr2());
            case "cr3" -> OptionalLong.of(sregs.cr3());
            case "cr4" -> OptionalLong.of(sregs.cr4());
            case "efer" -> OptionalLong.of(sregs.efer());
            default -> OptionalLong.empty();
        };
    }

    private static KvmSegment segment(String name, KvmSregs sregs) {
        return switch (name) {
            case "cs" -> sregs.cs();
            case "ds" -> sregs.ds();
            case "es" -> sregs.es();
            case "fs" -> sregs.fs();
            case "gs" -> sregs.gs();
            case "ss" -> sregs.ss();
            default -> null;
        };
    }

    private static OptionalLong part(KvmSegment segment, String part) {
        return switch (part) {
            case "" -> OptionalLong.of(segment.selector());
            case ".base" -> OptionalLong.of(segment.base());
            case ".limit" -> OptionalLong.of(Integer.toUnsignedLong(segment.limit()));
            default -> OptionalLong.empty();
        };
    }
}
