package jkvm.app.options;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import jkvm.linux.Syscalls;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerator.Kind;
import jkvm.soft.Accelerators;
import jkvm.soft.SoftOptions;

/**
 * Reads what chooses the accelerator: {@code -accel NAME[,property]}, which may be given several times,
 * {@code -machine accel=NAME:NAME}, and {@code -enable-kvm}, which is short for {@code -machine accel=kvm}. The first
 * that can be used here is used.
 */
public final class AcceleratorOptions {
    private static final long MAX_BLOCK_MEBIBYTES = 1L << 20;

    private final List<Kind> byOption = new ArrayList<>();
    private List<Kind> byMachine = List.of();
    private final List<String> unknown = new ArrayList<>();
    private boolean compiles = true;
    /** The option that asks for a thread for each vCPU, as it was written; empty if none does. */
    private String threaded = "";

    /** The output of {@code -accel help}. */
    static String help() {
        return Arrays.stream(Kind.values()).map(kind -> "%-10s %s%n".formatted(kind.text(), kind.description()))
                .collect(Collectors.joining())
                + "soft,compile=off interprets all guest code, for comparisons: far slower.\n"
                + "Without -accel: kvm where /dev/kvm is usable and the processor itself runs guests, else soft.\n";
    }

    /**
     * Opens an accelerator for a command, and tells the user where it is not the preferred one.
     *
     * @param names as {@code -accel} takes them
     */
    public static Accelerator open(String names, Syscalls host, PrintStream err) {
        AcceleratorOptions options = new AcceleratorOptions();
        options.add(names);
        return open(options.chosen(), new SoftOptions(options.compiles(), null, OptionalLong.empty()), host, err);
    }

    /**
     * As {@link #open(String, Syscalls, PrintStream)}; an empty list asks for the fastest.
     *
     * @param soft for the KVM in Java, where it is chosen
     */
    public static Accelerator open(List<Kind> kinds, SoftOptions soft, Syscalls host, PrintStream err) {
        Accelerator accelerator = Accelerators.open(kinds, host, soft);
        tell(accelerator, err);
        return accelerator;
    }

    /** Tells the user where an accelerator is not the preferred one. */
    public static void tell(Accelerator accelerator, PrintStream err) {
        if (!accelerator.reason().isEmpty()) {
            err.println("jkvm: using -accel " + accelerator + ": " + accelerator.reason());
        }
    }

    /** The value of {@code -accel}. */
    void add(String text) {
        OptionValues values = new OptionValues("-accel", text, "accel");
        List<Kind> kinds = kinds(values, values.require("accel"));
        if (kinds.contains(Kind.KVM)) {
            values.takeFixed("kernel-irqchip", "on");
            values.takeFixed("dirty-ring-size", "0");
        }
        if (kinds.contains(Kind.SOFT)) {
            // Each vCPU has a thread of its own, and compiled code is limited by what it is, not by an option: what a
            // guest sees is the same with any of these values.
            Optional<String> thread = values.take("thread");
            if (thread.isPresent() && !List.of("single", "multi").contains(thread.get())) {
                throw values.error("only thread=single and thread=multi are supported");
            }
            if (thread.equals(Optional.of("multi"))) {
                threaded = values.where();
            }
            values.takeNumber("tb-size", 0, MAX_BLOCK_MEBIBYTES);
            values.takeFlag("split-wx");
            compiles = values.takeFlag("compile", compiles);
        }
        if (!kinds.isEmpty()) {
            values.end();
        }
        byOption.addAll(kinds);
    }

    /** The value of {@code -machine accel=}. */
    void machine(OptionValues values, String names) {
        byMachine = kinds(values, names);
    }

    void enableKvm() {
        byMachine = List.of(Kind.KVM);
    }

    private List<Kind> kinds(OptionValues values, String names) {
        List<Kind> kinds = new ArrayList<>();
        for (String name : names.split(":")) {
            Optional<Kind> kind = Kind.named(name);
            kind.ifPresent(kinds::add);
            if (kind.isEmpty()) {
                unknown.add(values.where() + ": invalid accelerator " + name + "; there are kvm and soft (or tcg)");
            }
        }
        return kinds;
    }

    /** The accelerators in the order of preference; empty where jkvm is to choose. */
    List<Kind> chosen() {
        if (byOption.isEmpty() && byMachine.isEmpty() && !unknown.isEmpty()) {
            throw new UsageException(unknown.getFirst());
        }
        if (byOption.isEmpty()) {
            return byMachine;
        }
        if (!byMachine.isEmpty() && !byMachine.equals(byOption)) {
            throw new UsageException("-accel and -machine accel= (or -enable-kvm) name different accelerators; "
                    + "leave one out");
        }
        return byOption;
    }

    /**
     * The accelerators for a guest whose time is counted in instructions: the KVM in Java alone.
     *
     * @throws UsageException if another was asked for
     */
    List<Kind> counting() {
        List<Kind> kinds = chosen();
        if (kinds.contains(Kind.KVM)) {
            throw new UsageException("-icount is not allowed with hardware virtualization; use -accel soft");
        }
        if (!threaded.isEmpty()) {
            throw new UsageException(threaded + ": not with -icount; leave thread=multi out");
        }
        return List.of(Kind.SOFT);
    }

    /** False where {@code compile=off} asks the KVM in Java to interpret all guest code. */
    boolean compiles() {
        return compiles;
    }

    /** As QEMU does, jkvm goes on without an unknown accelerator if there are others, and says so. */
    List<String> warnings() {
        return unknown;
    }
}
