package jkvm.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import jkvm.app.options.AcceleratorOptions;
import jkvm.app.options.CommandWords;
import jkvm.app.options.ErrorText;
import jkvm.boot.EntryStates;
import jkvm.inspect.ExitStatistics;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.vm.Kvm;
import jkvm.vm.KvmLayout;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;

/**
 * {@code jkvm demo}: boots a small bundled guest in the plainest VM there is (2 MiB, one vCPU, interrupt controllers in
 * the kernel), shows what it says with the time, and what its exits were and took.
 */
public final class DemoCommand {
    /** The guest physical address of the guest and of its first instruction, in real mode. */
    public static final int ENTRY = 0x8000;

    private static final String IMAGE = "demo.bin";
    private static final long MEMORY_SIZE = 2 << 20;

    private DemoCommand() {
    }

    /**
     * Runs the command.
     *
     * @return the exit code
     */
    public static int run(List<String> args, PrintStream out, PrintStream err) {
        return run(args, new FfmSyscalls(), out, err);
    }

    static int run(List<String> args, Syscalls syscalls, PrintStream out, PrintStream err) {
        try {
            CommandWords words = new CommandWords("demo", "demo takes -accel kvm or -accel soft only, not %s")
                    .valued("-accel").read(args);
            if (words.asksForHelp()) {
                out.println("usage: jkvm demo [-accel kvm|soft]: boots a bundled guest, shows what it did"
                        + " and what its exits cost");
                return 0;
            }
            Accelerator accelerator = AcceleratorOptions.open(
                    words.value("-accel").orElse(Accelerators.KVM_OR_SOFT), syscalls, err);
            try (Kvm kvm = accelerator.openKvm()) {
                return run(kvm, accelerator.kind(), out, err);
            }
        } catch (RuntimeException e) {
            return ErrorText.report(e, err);
        }
    }

    private static int run(Kvm kvm, Accelerator.Kind kind, PrintStream out, PrintStream err) {
        byte[] image = image();
        // The first run is for the JVM: it loads the classes whose loading would show in the times of the second.
        DemoGuest guest = run(kvm, image, new ExitStatistics());
        ExitStatistics statistics = new ExitStatistics();
        if (guest.isFinished()) {
            guest = run(kvm, image, statistics);
        }
        out.println("A guest of " + image.length + " bytes on one vCPU of " + (kind == Accelerator.Kind.KVM
                ? "the host's KVM" : "the KVM in Java") + "; what it said, and when:");
        guest.print(out);
        if (!guest.isFinished()) {
            out.flush();
            err.println("jkvm: the demo's guest did not reach its end: " + guest.problem());
            return 1;
        }
        out.println("It ended itself by a write to port 0xf4. Its exits:");
        out.println();
        out.print(ExitStatistics.table(ExitStatistics.merge(List.of(statistics))));
        out.flush();
        return 0;
    }

    private static DemoGuest run(Kvm kvm, byte[] image, ExitStatistics statistics) {
        try (Vm vm = kvm.createVm()) {
            GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(kvm.syscalls(), vm.arena(), MEMORY_SIZE);
            memory.write(ENTRY, image);
            vm.setMemory(memory);
            vm.setTssAddress(KvmLayout.TSS_ADDRESS);
            vm.createIrqchip();
            Vcpu vcpu = vm.createVcpu(0);
            vcpu.cpuid(kvm.supportedCpuid());
            EntryStates.realMode(0, ENTRY).apply(vcpu);
            DemoGuest guest = new DemoGuest(vcpu, memory, statistics);
            guest.runToEnd();
            return guest;
        }
    }

    /** The guest, which ends by a write to port 0xf4. */
    public static byte[] image() {
        try (InputStream in = DemoCommand.class.getResourceAsStream(IMAGE)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
