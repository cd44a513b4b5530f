package jkvm.control.trace;

import java.util.Arrays;
import java.util.Optional;

/** The items of {@code -d}, with QEMU's names. */
public enum LogItem {
    INTERRUPTS("int", "interrupts and exceptions that the KVM in Java delivers", true),
    MMU("mmu", "page faults and flushes of the TLB in the KVM in Java", true),
    CPU_RESET("cpu_reset", "registers of each CPU before a reset", true),
    GUEST_ERRORS("guest_errors", "accesses where no device is, and what a driver does wrong", true),
    OUT_ASM("out_asm", "host code for each block", false),
    IN_ASM("in_asm", "guest code of each block", false),
    OP("op", "micro operations of each block", false),
    OP_OPT("op_opt", "micro operations after optimisation", false),
    OP_IND("op_ind", "micro operations before lowering", false),
    EXEC("exec", "each block before it runs", false),
    CPU("cpu", "registers before each block", false),
    FPU("fpu", "FPU registers too", false),
    PCALL("pcall", "far calls and returns in protected mode", false),
    UNIMPLEMENTED("unimp", "what a device does not do", false),
    PAGE("page", "pages of a user program", false),
    NOCHAIN("nochain", "blocks one by one", false),
    PLUGIN("plugin", "output of plugins", false),
    STRACE("strace", "system calls of a user program", false),
    TID("tid", "a file for each thread", false);

    private final String word;
    private final String help;
    private final boolean here;

    LogItem(String word, String help, boolean here) {
        this.word = word;
        this.help = help;
        this.here = here;
    }

    /** The item with a name of QEMU's. */
    public static Optional<LogItem> named(String word) {
        return Arrays.stream(values()).filter(item -> item.word.equals(word)).findFirst();
    }

    /** The name. */
    public String word() {
        return word;
    }

    /** True if jkvm logs it. */
    public boolean isHere() {
        return here;
    }

    /** The output of {@code -d help}. */
    public static String help() {
        StringBuilder text = new StringBuilder("Log items (comma separated):\n");
        for (LogItem item : values()) {
            text.append(String.format("%-15s %s%s%n", item.word, item.help, item.here ? "" : " (not yet)"));
        }
        return text.append(String.format("%-15s %s%n%n%s", "trace:PATTERN", "trace events",
                "Use \"-d trace:help\" to get a list of trace events.")).toString();
    }
}
