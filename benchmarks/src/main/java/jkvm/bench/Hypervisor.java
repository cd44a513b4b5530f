package jkvm.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.bench.suite.Need;
import jkvm.linux.FfmSyscalls;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;

/**
 * One of those that are compared: a name for the table, and the command that all options of a guest follow. All take
 * QEMU's options.
 */
record Hypervisor(String name, List<String> command) {
    /** QEMU's machine type with the fewest devices, which both have. */
    static final String MICROVM = "microvm";
    static final Hypervisor COMPILED = new Hypervisor("jkvm", List.of("./jkvm", "-accel", "soft"));
    static final Hypervisor INTERPRETED = new Hypervisor("interpreter",
            List.of("./jkvm", "-accel", "soft,compile=off"));
    static final Hypervisor TCG = new Hypervisor("TCG", List.of("qemu-system-x86_64", "-accel", "tcg,thread=single"));
    static final Hypervisor KVM = new Hypervisor("jkvm", List.of("./jkvm", "-accel", "kvm"));
    static final Hypervisor QEMU_KVM = new Hypervisor("QEMU", List.of("qemu-system-x86_64", "-accel", "kvm"));

    /** True where {@code /dev/kvm} is there and runs guests on the processor itself. */
    static boolean isNativeKvm() {
        return Accelerators.openFastest(new FfmSyscalls()).kind() == Accelerator.Kind.KVM;
    }

    /** TCG where QEMU is installed. */
    static Optional<Hypervisor> tcg() {
        return find(TCG.command().getFirst()).map(_ -> TCG);
    }

    /** A program of the host's, by PATH. */
    static Optional<Path> find(String program) {
        return Need.find(program);
    }

    /** Of a guest with one vCPU of kind qemu64 and a serial port on standard output, which ends at its reset. */
    static List<String> options(String machine, String memory) {
        return List.of("-machine", machine, "-cpu", "qemu64", "-m", memory, "-nodefaults", "-display", "none",
                "-serial", "stdio", "-no-reboot");
    }

    /** Starts such a guest on a microvm. */
    WatchedProcess start(String memory, String... options) {
        List<String> words = new ArrayList<>(command);
        words.addAll(options(MICROVM, memory));
        words.addAll(List.of(options));
        return new WatchedProcess(words);
    }
}
