package jkvm.control.trace;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import jkvm.abi.KvmDtable;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;

/** The registers that an instruction has changed: {@code eax 0x0 -> 0x1234}. RIP is the next line's business. */
final class StepChanges {
    private static final String[] GENERAL = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
    private static final String[] FLAGS = {"CF", "", "PF", "", "AF", "", "ZF", "SF", "TF", "IF", "DF", "OF"};
    private static final long FLAG_MASK = 0xFD5;
    private static final int VECTORS = 16, X87_REGISTERS = 8;
    private static final long MASK_32 = 0xFFFF_FFFFL;

    private final StepState before;
    private final StepState after;
    private final StringBuilder text = new StringBuilder();

    StepChanges(StepState before, StepState after) {
        this.before = before;
        this.after = after;
    }

    /** All of them; each begins with two blanks. */
    String text() {
        general();
        flags();
        segments();
        control();
        if (before.fpu() != null && after.fpu() != null) {
            vectors();
        }
        return text.toString();
    }

    private void changed(String name, String old, String now) {
        if (!old.equals(now)) {
            text.append("  ").append(name).append(' ').append(old).append(" -> ").append(now);
        }
    }

    private static String hex(long value) {
        return "0x" + Long.toHexString(value);
    }

    private void general() {
        boolean isLong = before.isLong() || after.isLong();
        long mask = isLong ? -1 : MASK_32;
        for (int i = 0; i < (isLong ? 16 : 8); i++) {
            String name = i >= GENERAL.length ? "r" + i : (isLong ? "r" : "e") + GENERAL[i];
            changed(name, hex(before.general(i) & mask), hex(after.general(i) & mask));
        }
    }

    private void flags() {
        changed("flags", flags(before.regs().rflags()), flags(after.regs().rflags()));
    }

    private static String flags(long value) {
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < FLAGS.length; i++) {
            if ((value & FLAG_MASK & 1L << i) != 0) {
                names.append(names.isEmpty() ? "" : " ").append(FLAGS[i]);
            }
        }
        return "[" + names + "]";
    }

    private void segments() {
        segment("es", KvmSregs::es);
        segment("cs", KvmSregs::cs);
        segment("ss", KvmSregs::ss);
        segment("ds", KvmSregs::ds);
        segment("fs", KvmSregs::fs);
        segment("gs", KvmSregs::gs);
        segment("ldtr", KvmSregs::ldt);
        segment("tr", KvmSregs::tr);
        table("gdtr", KvmSregs::gdt);
        table("idtr", KvmSregs::idt);
    }

    private void segment(String name, Function<KvmSregs, KvmSegment> which) {
        KvmSegment old = which.apply(before.sregs());
        KvmSegment now = which.apply(after.sregs());
        changed(name, hex(old.selector()), hex(now.selector()));
        changed(name + ".base", hex(old.base()), hex(now.base()));
    }

    private void table(String name, Function<KvmSregs, KvmDtable> which) {
        KvmDtable old = which.apply(before.sregs());
        KvmDtable now = which.apply(after.sregs());
        changed(name, hex(old.base()) + "/" + hex(old.limit()), hex(now.base()) + "/" + hex(now.limit()));
    }

    private void control() {
        control("cr0", KvmSregs::cr0);
        control("cr2", KvmSregs::cr2);
        control("cr3", KvmSregs::cr3);
        control("cr4", KvmSregs::cr4);
        control("cr8", KvmSregs::cr8);
        control("efer", KvmSregs::efer);
    }

    private void control(String name, ToLongFunction<KvmSregs> which) {
        changed(name, hex(which.applyAsLong(before.sregs())), hex(which.applyAsLong(after.sregs())));
    }

    private void vectors() {
        for (int i = 0; i < X87_REGISTERS; i++) {
            changed("st" + i, bytes(before.fpu().fpr(i), 10), bytes(after.fpu().fpr(i), 10));
        }
        changed("fsw", hex(before.fpu().fsw()), hex(after.fpu().fsw()));
        changed("fcw", hex(before.fpu().fcw()), hex(after.fpu().fcw()));
        for (int i = 0; i < VECTORS; i++) {
            changed("xmm" + i, bytes(before.fpu().xmm(i), 16), bytes(after.fpu().xmm(i), 16));
        }
        changed("mxcsr", hex(before.fpu().mxcsr()), hex(after.fpu().mxcsr()));
    }

    /** As one number, the last byte first. */
    private static String bytes(MemorySegment register, int length) {
        StringBuilder digits = new StringBuilder("0x");
        for (int i = length - 1; i >= 0; i--) {
            digits.append("%02x".formatted(register.get(ValueLayout.JAVA_BYTE, i)));
        }
        return digits.toString();
    }
}
