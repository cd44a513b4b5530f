package jkvm.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmRun;
import jkvm.abi.KvmSregs;
import jkvm.app.options.AcceleratorOptions;
import jkvm.app.options.CommandWords;
import jkvm.app.options.ErrorText;
import jkvm.inspect.ExitStatistics;
import jkvm.inspect.FailureReport;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.vm.ExitHandler;
import jkvm.vm.Kvm;
import jkvm.vm.Vcpu;
import jkvm.vm.VcpuThread;
import jkvm.vm.Vm;

/**
 * {@code jkvm demo}: boots a small bundled guest in the plainest VM there is (2 MiB, one vCPU, interrupt controllers in
 * the kernel), shows what it says with the time, and what its exits were and took.
 */
public final class DemoCommand {
    private static final String IMAGE = "demo.bin";
    private static final long ENTRY = 0x8000;
    private static final long MEMORY_SIZE = 2 << 20;
    /** Three pages that hosts with VMX need, below 4 GiB and away from RAM and APICs. */
    private static final long TSS_ADDRESS = 0xfffbd000L;
    private static final long TIMEOUT_SECONDS = 10;
    private static final double NANOS_PER_MILLI = 1e6;

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
        Guest guest = run(kvm, image, new ExitStatistics());
        ExitStatistics statistics = new ExitStatistics();
        if (guest.isFinished()) {
            guest = run(kvm, image, statistics);
        }
        out.println("A guest of " + image.length + " bytes on one vCPU of " + (kind == Accelerator.Kind.KVM
                ? "the host's KVM" : "the KVM in Java") + "; what it said, and when:");
        guest.print(out);
        if (!guest.isFinished()) {
            out.flush();
            err.println("jkvm: the demo's guest did not reach its end: " + guest.problem);
            return 1;
        }
        out.println("It ended itself by a write to port 0xf4. Its exits:");
        out.println();
        out.print(ExitStatistics.table(ExitStatistics.merge(List.of(statistics))));
        out.flush();
        return 0;
    }

    private static Guest run(Kvm kvm, byte[] image, ExitStatistics statistics) {
        try (Vm vm = kvm.createVm()) {
            GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(kvm.syscalls(), vm.arena(), MEMORY_SIZE);
            memory.write(ENTRY, image);
            vm.setMemory(memory);
            vm.setTssAddress(TSS_ADDRESS);
            vm.createIrqchip();
            Vcpu vcpu = vm.createVcpu(0);
            vcpu.cpuid(kvm.supportedCpuid());
            enterRealMode(vcpu);
            Guest guest = new Guest(memory);
            try (VcpuThread thread = new VcpuThread(vcpu, statistics.around(guest), "vcpu0")) {
                thread.start();
                guest.await();
            }
            return guest;
        }
    }

    private static void enterRealMode(Vcpu vcpu) {
        KvmSregs sregs = vcpu.sregs();
        sregs.cs().base(0);
        sregs.cs().selector((short) 0);
        vcpu.sregs(sregs);
        KvmRegs regs = vcpu.regs();
        regs.rip(ENTRY);
        vcpu.regs(regs);
    }

    private static byte[] image() {
        try (InputStream in = DemoCommand.class.getResourceAsStream(IMAGE)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Answers the guest: a serial port's transmitter, an exit port, and all ones elsewhere. */
    private static final class Guest implements ExitHandler {
        private static final int TRANSMIT_PORT = 0x3f8;
        private static final int LINE_STATUS_PORT = 0x3fd;
        private static final int TRANSMITTER_EMPTY = 0x60;
        private static final int EXIT_PORT = 0xf4;

        private final GuestMemory memory;
        /** Its output; for other threads once its thread has ended. */
        private final List<Line> lines = new ArrayList<>();
        private final StringBuilder line = new StringBuilder();
        private final CountDownLatch ended = new CountDownLatch(1);
        private final long started = System.nanoTime();
        /** Why it did not end by itself, null if it did; for others once its thread has ended. */
        private String problem = "it was still running after " + TIMEOUT_SECONDS + " s";

        /** @param nanos since the guest began */
        record Line(long nanos, String text) {
        }

        Guest(GuestMemory memory) {
            this.memory = memory;
        }

        boolean isFinished() {
            return problem == null;
        }

        void print(PrintStream out) {
            for (Line said : lines) {
                out.printf(Locale.ROOT, "%9.2f ms  %s%n", said.nanos() / NANOS_PER_MILLI, said.text());
            }
        }

        void await() {
            try {
                ended.await(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public boolean handle(Vcpu vcpu, int reason) {
            KvmRun run = vcpu.kvmRun();
            switch (reason) {
                case KvmExit.IO -> {
                    return access(run);
                }
                case KvmExit.MMIO -> {
                    if (!run.isMmioWrite()) {
                        run.data(KvmRun.MMIO_DATA_OFFSET, run.mmioSize(), -1);
                    }
                    return true;
                }
                default -> {
                    return end(FailureReport.ofExit(vcpu, memory, reason));
                }
            }
        }

        @Override
        public void failed(Vcpu vcpu, RuntimeException cause) {
            end(String.valueOf(cause.getMessage()));
        }

        /** The guest uses no string instructions: one access an exit. */
        private boolean access(KvmRun run) {
            if (!run.isIoOut()) {
                run.data(run.ioDataOffset(), run.ioSize(), run.ioPort() == LINE_STATUS_PORT ? TRANSMITTER_EMPTY : -1);
                return true;
            }
            int value = (int) run.data(run.ioDataOffset(), run.ioSize());
            switch (run.ioPort()) {
                case TRANSMIT_PORT -> transmit((char) value);
                case EXIT_PORT -> {
                    return end(null);
                }
                default -> {
                    // Nothing is there.
                }
            }
            return true;
        }

        private void transmit(char character) {
            if (character != '\n') {
                line.append(character);
                return;
            }
            lines.add(new Line(System.nanoTime() - started, line.toString()));
            line.setLength(0);
        }

        private boolean end(String why) {
            problem = why;
            ended.countDown();
            return false;
        }
    }
}
