package jkvm.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import jkvm.app.lab.LabKernel;
import jkvm.bench.suite.Effort;
import jkvm.bench.suite.Need;
import jkvm.bench.suite.Part;

/** All parts of the suite, in the order in which they run: from a call of the kernel to a Linux guest. */
final class SuiteParts {
    /** Of a round of half a second. */
    private static final int SOFT_EXITS = 2_000_000, KVM_EXITS = 100_000;

    private SuiteParts() {
    }

    static List<Part> all() {
        return List.of(
                new JmhPart("downcall", "system calls by FFM and by jnr-ffi", DowncallBenchmark.class,
                        title -> title.contains("library=FFM")),
                new JmhPart("exit", "a round trip of KVM_RUN", ExitBenchmark.class, JmhPart.ALL_HOT),
                new JmhPart("kernel-exit", "exits that KVM handles itself", KernelExitBenchmark.class, JmhPart.ALL_HOT),
                new JmhPart("dispatch", "an exit's way to its device alone", DispatchBenchmark.class, JmhPart.ALL_HOT),
                new JmhPart("vm", "a VM's life: made, its first exit, closed", LifeBenchmark.class, JmhPart.NOT_HOT),
                new JmhPart("device", "from a port's number to its device", DeviceBenchmark.class, JmhPart.ALL_HOT),
                new JmhPart("serial", "a byte to the serial port", SerialBenchmark.class, JmhPart.ALL_HOT),
                new JmhPart("queue", "a chain of a virtqueue", VirtQueueBenchmark.class, JmhPart.ALL_HOT),
                new JmhPart("disk", "a request of virtio-blk", DiskBenchmark.class, JmhPart.ALL_HOT),
                new JmhPart("qcow2", "reads, writes and new clusters of an image",
                        Qcow2Benchmark.class, JmhPart.ALL_HOT),
                new JmhPart("ide", "a request of an IDE disk by DMA", IdeBenchmark.class, JmhPart.ALL_HOT),
                new JmhPart("e1000", "frames of the 82540EM", E1000Benchmark.class, JmhPart.ALL_HOT),
                new JmhPart("virtio-net", "frames of the virtio network card",
                        VirtioNetBenchmark.class, JmhPart.ALL_HOT),
                new JmhPart("vga", "a picture of the VGA", VgaBenchmark.class, JmhPart.ALL_HOT),
                new PairedPart("exit-c", "the port write exit beside the same loop in C",
                        Set.of(Need.KVM, Need.C_COMPILER), Set.of(), "C", SuiteParts::exitBesideC),
                new PairedPart("exit-tcg", "port writes of a whole machine on the KVM in Java, beside TCG",
                        Set.of(Need.SOFT), Set.of(Need.QEMU), "TCG", effort -> portLoop(effort, Hypervisor.COMPILED,
                        Hypervisor.tcg(), SOFT_EXITS)),
                new PairedPart("exit-qemu", "port writes of a whole machine on /dev/kvm, beside QEMU",
                        Set.of(Need.KVM), Set.of(Need.QEMU), "QEMU", effort -> portLoop(effort, Hypervisor.KVM,
                        Hypervisor.tcg().map(_ -> Hypervisor.QEMU_KVM), KVM_EXITS)),
                new PairedPart("start", "the whole process for a tiny guest", Set.of(Need.SOFT), Set.of(Need.QEMU),
                        "TCG", SuiteParts::start),
                new PairedPart("loops", "five loops of guest code", Set.of(Need.SOFT), Set.of(Need.QEMU), "TCG",
                        SuiteParts::loops),
                new PairedPart("linux", "a boot of Linux, gzip and sha256sum in it",
                        Set.of(Need.SOFT, Need.BUSYBOX), Set.of(Need.QEMU), "TCG", SuiteParts::linux),
                new PairedPart("memory", "memory at the prompt of Linux, beside a Java program that does nothing",
                        Set.of(Need.SOFT, Need.BUSYBOX), Set.of(), "hello", SuiteParts::memory));
    }

    private static List<PairedComparison> exitBesideC(Effort effort) throws IOException, InterruptedException {
        return List.of(PairedExitRun.measure(effort.length().rounds() * 5, 20_000));
    }

    private static List<PairedComparison> portLoop(Effort effort, Hypervisor jkvm, Optional<Hypervisor> other,
            int exits) throws IOException, InterruptedException {
        SoftRun.buildLauncher();
        return new PortLoopRun(SoftRun.image("port_loop.bin", effort.folder()), jkvm, other, effort.length().rounds())
                .measure("port write, guest to device and back", exits);
    }

    private static List<PairedComparison> start(Effort effort) throws IOException, InterruptedException {
        SoftRun.buildLauncher();
        return new StartRun(SoftRun.image("startup.bin", effort.folder()), Hypervisor.tcg(),
                SoftRun.hello(effort.folder()), effort.length().rounds()).measure();
    }

    private static List<PairedComparison> loops(Effort effort) throws IOException, InterruptedException {
        SoftRun.buildLauncher();
        return new LoopsRun(SoftRun.image("loops.bin", effort.folder()), Hypervisor.tcg(), effort.length().fewRounds())
                .measure();
    }

    private static List<PairedComparison> linux(Effort effort) throws IOException, InterruptedException {
        SoftRun.buildLauncher();
        return new LinuxRun(linuxGuest(effort), Hypervisor.tcg(), effort.length().fewRounds()).measure();
    }

    private static List<PairedComparison> memory(Effort effort) throws IOException, InterruptedException {
        SoftRun.buildLauncher();
        return new MemoryRun(linuxGuest(effort), SoftRun.hello(effort.folder()), effort.length().fewRounds()).measure();
    }

    private static LinuxGuest linuxGuest(Effort effort) throws IOException {
        Path initrd = effort.folder().resolve("initrd.gz");
        if (!Files.exists(initrd)) {
            LinuxGuest.writeInitrd(SoftRun.busybox(), initrd);
        }
        return new LinuxGuest(Hypervisor.MICROVM, LabKernel.cloud(effort.progress()).image(), initrd);
    }
}
