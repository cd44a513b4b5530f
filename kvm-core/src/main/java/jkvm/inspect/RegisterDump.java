package jkvm.inspect;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.abi.KvmDebugRegs;
import jkvm.abi.KvmDtable;
import jkvm.abi.KvmFpu;
import jkvm.abi.KvmMpState;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;
import jkvm.abi.KvmVcpuEvents;
import jkvm.vm.Vcpu;

/**
 * Registers as text, laid out as QEMU's {@code info registers} is, so that dumps can be set side by side. General
 * purpose registers have 64 bits in long mode and 32 elsewhere. Lines end with a newline.
 */
public final class RegisterDump {
    private static final long EFER_LMA_BIT = 1L << 10;
    private static final long CR0_PE_BIT = 1;
    private static final String FLAGS = "DOSZAPC";
    private static final int[] FLAG_BITS = {10, 11, 7, 6, 4, 2, 0};
    private static final String[] SYSTEM_TYPES = {
        "Reserved", "TSS16-avl", "LDT", "TSS16-busy", "CallGate16", "TaskGate", "IntGate16", "TrapGate16",
        "Reserved", "TSS32-avl", "Reserved", "TSS32-busy", "CallGate32", "Reserved", "IntGate32", "TrapGate32"};
    private static final String[] SYSTEM_TYPES_64 = {
        "<hiword>", "Reserved", "LDT", "Reserved", "Reserved", "Reserved", "Reserved", "Reserved",
        "Reserved", "TSS64-avl", "Reserved", "TSS64-busy", "CallGate64", "Reserved", "IntGate64", "TrapGate64"};

    private static final int EXPONENT_OFFSET = 8;
    private static final int XMM_REGISTERS = 16;

    private final KvmRegs regs;
    private final KvmSregs sregs;
    private final boolean isLongMode;
    private final boolean is64BitCode;
    private final StringBuilder text = new StringBuilder(1600);

    private RegisterDump(KvmRegs regs, KvmSregs sregs) {
        this.regs = regs;
        this.sregs = sregs;
        this.isLongMode = (sregs.efer() & EFER_LMA_BIT) != 0;
        this.is64BitCode = isLongMode && sregs.cs().isL();
    }

    /** The registers of a vCPU, as KVM_GET_REGS and KVM_GET_SREGS give them. */
    public static String of(KvmRegs regs, KvmSregs sregs) {
        RegisterDump dump = new RegisterDump(regs, sregs);
        dump.generalRegisters();
        dump.text.append('\n');
        dump.segments();
        dump.controlRegisters();
        dump.extendedFeatures();
        return dump.text.toString();
    }

    /**
     * All registers of a vCPU that stands: those of {@link #of}, what holds interrupts back, the debug registers and
     * those of floating point.
     */
    public static String ofAll(Vcpu vcpu) {
        RegisterDump dump = new RegisterDump(vcpu.regs(), vcpu.sregs());
        dump.generalRegisters();
        dump.activity(vcpu.events(), vcpu.mpState());
        dump.segments();
        dump.controlRegisters();
        dump.debugRegisters(vcpu.debugRegs());
        dump.extendedFeatures();
        dump.floatingPoint(vcpu.fpu());
        return dump.text.toString();
    }

    private void activity(KvmVcpuEvents events, KvmMpState state) {
        text.append(" II=%d A20=1 SMM=%d HLT=%d\n".formatted(events.interruptShadow() == 0 ? 0 : 1,
                events.isSmiSmm() ? 1 : 0, state.mpState() == KvmMpState.HALTED ? 1 : 0));
    }

    private void debugRegisters(KvmDebugRegs registers) {
        for (int i = 0; i < 4; i++) {
            text.append("DR%d=%016x ".formatted(i, registers.db(i)));
        }
        text.append("\nDR6=%016x DR7=%016x\n".formatted(registers.dr6(), registers.dr7()));
    }

    private void floatingPoint(KvmFpu fpu) {
        text.append("FCW=%04x FSW=%04x [ST=%d] FTW=%02x MXCSR=%08x\n".formatted(fpu.fcw(), fpu.fsw(),
                fpu.fsw() >> 11 & 7, fpu.ftwx(), fpu.mxcsr()));
        for (int i = 0; i < 8; i++) {
            MemorySegment value = fpu.fpr(i);
            text.append("FPR%d=%016x %04x".formatted(i, value.get(ValueLayout.JAVA_LONG_UNALIGNED, 0),
                    value.get(ValueLayout.JAVA_SHORT_UNALIGNED, EXPONENT_OFFSET))).append((i & 1) == 0 ? ' ' : '\n');
        }
        int count = is64BitCode ? XMM_REGISTERS : XMM_REGISTERS / 2;
        for (int i = 0; i < count; i++) {
            MemorySegment value = fpu.xmm(i);
            text.append("XMM%02d=%016x %016x".formatted(i, value.get(ValueLayout.JAVA_LONG_UNALIGNED, Long.BYTES),
                    value.get(ValueLayout.JAVA_LONG_UNALIGNED, 0))).append((i & 1) == 0 ? ' ' : '\n');
        }
    }

    private void generalRegisters() {
        if (is64BitCode) {
            line("RAX", regs.rax(), "RBX", regs.rbx(), "RCX", regs.rcx(), "RDX", regs.rdx());
            line("RSI", regs.rsi(), "RDI", regs.rdi(), "RBP", regs.rbp(), "RSP", regs.rsp());
            line("R8 ", regs.r8(), "R9 ", regs.r9(), "R10", regs.r10(), "R11", regs.r11());
            line("R12", regs.r12(), "R13", regs.r13(), "R14", regs.r14(), "R15", regs.r15());
        } else {
            line("EAX", regs.rax(), "EBX", regs.rbx(), "ECX", regs.rcx(), "EDX", regs.rdx());
            line("ESI", regs.rsi(), "EDI", regs.rdi(), "EBP", regs.rbp(), "ESP", regs.rsp());
        }
        long flags = regs.rflags();
        text.append(is64BitCode ? "RIP=" : "EIP=").append(general(regs.rip()));
        text.append(is64BitCode ? " RFL=" : " EFL=").append("%08x [".formatted((int) flags));
        for (int i = 0; i < FLAG_BITS.length; i++) {
            text.append((flags >> FLAG_BITS[i] & 1) != 0 ? FLAGS.charAt(i) : '-');
        }
        text.append("] CPL=%d".formatted(sregs.ss().dpl()));
    }

    private void line(String a, long valueA, String b, long valueB, String c, long valueC, String d, long valueD) {
        text.append("%s=%s %s=%s %s=%s %s=%s\n".formatted(a, general(valueA), b, general(valueB), c, general(valueC),
                d, general(valueD)));
    }

    private String general(long value) {
        return is64BitCode ? "%016x".formatted(value) : "%08x".formatted((int) value);
    }

    private String address(long value) {
        return isLongMode ? "%016x".formatted(value) : "%08x".formatted((int) value);
    }

    private void segments() {
        segment("ES ", sregs.es());
        segment("CS ", sregs.cs());
        segment("SS ", sregs.ss());
        segment("DS ", sregs.ds());
        segment("FS ", sregs.fs());
        segment("GS ", sregs.gs());
        segment("LDT", sregs.ldt());
        segment("TR ", sregs.tr());
        table("GDT", sregs.gdt());
        table("IDT", sregs.idt());
    }

    private void segment(String name, KvmSegment segment) {
        text.append("%s=%04x %s %08x %08x".formatted(name, segment.selector(), address(segment.base()), segment.limit(),
                attributes(segment)));
        if ((sregs.cr0() & CR0_PE_BIT) != 0 && segment.isPresent() && !segment.isUnusable()) {
            text.append(" DPL=%d %s".formatted(segment.dpl(), describe(segment)));
        }
        text.append('\n');
    }

    /** The descriptor's second word but for base and limit, which is how QEMU keeps it. */
    private static int attributes(KvmSegment segment) {
        if (segment.isUnusable()) {
            return 0;
        }
        return (segment.type() & 0xF) << 8 | bit(segment.isS(), 12) | (segment.dpl() & 3) << 13
                | bit(segment.isPresent(), 15) | bit(segment.isAvl(), 20) | bit(segment.isL(), 21)
                | bit(segment.isDb(), 22) | bit(segment.isG(), 23);
    }

    private static int bit(boolean value, int position) {
        return value ? 1 << position : 0;
    }

    private String describe(KvmSegment segment) {
        int type = segment.type() & 0xF;
        if (!segment.isS()) {
            return isLongMode ? SYSTEM_TYPES_64[type] : SYSTEM_TYPES[type];
        }
        boolean isCode = (type & 8) != 0;
        String width;
        if (isCode) {
            width = segment.isL() ? "CS64" : segment.isDb() ? "CS32" : "CS16";
        } else {
            width = segment.isDb() ? "DS  " : "DS16";
        }
        char conformingOrDown = (type & 4) == 0 ? '-' : isCode ? 'C' : 'E';
        char readOrWrite = (type & 2) == 0 ? '-' : isCode ? 'R' : 'W';
        return "%s [%c%c%c]".formatted(width, conformingOrDown, readOrWrite, (type & 1) == 0 ? '-' : 'A');
    }

    private void table(String name, KvmDtable table) {
        text.append("%s=     %s %08x\n".formatted(name, address(table.base()), table.limit()));
    }

    private void controlRegisters() {
        text.append("CR0=%08x CR2=%s CR3=%s CR4=%08x\n".formatted((int) sregs.cr0(), address(sregs.cr2()),
                address(sregs.cr3()), (int) sregs.cr4()));
    }

    private void extendedFeatures() {
        text.append("EFER=%016x\n".formatted(sregs.efer()));
    }
}
