package jkvm.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import jkvm.device.board.PciPlace;
import jkvm.device.e1000.E1000Type;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.guest.GuestImages;
import jkvm.host.chardev.FakeChardev;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.host.image.DiskImages;
import jkvm.host.image.DriveSpec;
import jkvm.host.net.DumpFilter;
import jkvm.host.net.DumpSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.usernet.UserConfig;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.machine.config.CountingConfig;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.work.InstructionClock;

/**
 * One machine with the guest {@code busy}, its disk and its wire: timer, disk, network card and serial port at work,
 * and nothing that it prints, writes or sends depends on time.
 */
final class BusyGuest implements AutoCloseable {
    static final int PASSED = 1;
    private static final int DISK_SIZE = 1 << 15, PCAP_HEADER = 24, RECORD_HEADER = 16, NUMBER_OFFSET = 16;
    private static final String DISK = "disk.raw", QCOW2 = "disk.qcow2", WIRE = "wire.pcap";
    private static final Path IMAGE = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot")
            .resolve("busy.bin");

    /** Null where time is the host's. */
    final InstructionClock clock;
    final Machine machine;
    private final FakeChardev serial = new FakeChardev();
    private final Path disk;
    private final Path wire;
    private final Outside before;

    /**
     * The host's side of a machine.
     *
     * @param serial  what it has written to the serial port
     * @param disk    what its disk holds
     * @param packets the numbers of the frames that it has sent
     */
    record Outside(String serial, byte[] disk, List<Integer> packets) {
        static final Outside EMPTY = new Outside("", new byte[DISK_SIZE], List.of());
    }

    /** All state to continue in another machine. */
    record Saved(MachineSnapshot snapshot, Outside outside) {
    }

    private BusyGuest(Path folder, Outside before, InstructionClock clock, MachineConfig config, Syscalls kvm,
            UnaryOperator<MachineBuilder> made)
            throws IOException {
        this.clock = clock;
        this.before = before;
        this.disk = folder.resolve(DISK);
        this.wire = folder.resolve(WIRE);
        Files.write(disk, before.disk);
        machine = made.apply(new MachineBuilder(config, kvm, _ -> serial).clock(clock)).build();
    }

    /**
     * On the KVM in Java, where time is counted in instructions.
     *
     * @param before what an earlier machine left outside
     */
    static BusyGuest counted(Path folder, Outside before) throws IOException {
        return counted(folder, before, UnaryOperator.identity());
    }

    /** As {@link #counted}, in a machine that may have reset points. */
    static BusyGuest resettable(Path folder) throws IOException {
        return counted(folder, Outside.EMPTY, MachineBuilder::resetPoints);
    }

    private static BusyGuest counted(Path folder, Outside before, UnaryOperator<MachineBuilder> made)
            throws IOException {
        MachineConfig config = config(folder).counting(new CountingConfig(2, false, false))
                .accelerators(List.of(Accelerator.Kind.SOFT)).build();
        InstructionClock clock = config.time().newClock().orElseThrow();
        return new BusyGuest(folder, before, clock, config,
                Accelerators.open(config.host().accelerators(), new FfmSyscalls(),
                config.softOptions(clock)).syscalls(), made);
    }

    /** As {@link #on}, with an empty disk in a qcow2 image of small clusters. */
    static BusyGuest onQcow2(Syscalls kvm, Path folder) throws IOException {
        Files.deleteIfExists(folder.resolve(QCOW2));
        new DiskImages(new FfmSyscalls()).create(folder.resolve(QCOW2), ImageFormat.QCOW2,
                CreateValues.ofSize(DISK_SIZE).with("cluster_size", "512"));
        DriveSpec drive = DriveSpec.ofPath("d", folder.resolve(QCOW2), ImageOptions.WRITABLE
                .withFormat(ImageFormat.QCOW2));
        return new BusyGuest(folder, Outside.EMPTY, null, config(folder, drive).build(), kvm,
                UnaryOperator.identity());
    }

    /** The image of {@link #onQcow2}. */
    Path qcow2() {
        return disk.resolveSibling(QCOW2);
    }

    /** What the disk of {@link #onQcow2} holds, once the machine is closed. */
    byte[] qcow2Content() throws IOException {
        try (DiskImage image = new DiskImages(new FfmSyscalls()).open(qcow2(), ImageOptions.READ_ONLY)) {
            return TestDisks.readAll(image);
        }
    }

    /** On any KVM by the host's time. */
    static BusyGuest on(Syscalls kvm, Path folder, Outside before) throws IOException {
        return new BusyGuest(folder, before, null, config(folder).build(), kvm, UnaryOperator.identity());
    }

    /** As {@link #on(Syscalls, Path, Outside)}, with CPUs of a model. */
    static BusyGuest on(Syscalls kvm, Path folder, Outside before, CpuConfig cpu) throws IOException {
        return new BusyGuest(folder, before, null, config(folder).cpu(cpu).build(), kvm,
                UnaryOperator.identity());
    }

    /** As {@link #on}, in a machine that may have reset points. */
    static BusyGuest resettableOn(Syscalls kvm, Path folder) throws IOException {
        return new BusyGuest(folder, Outside.EMPTY, null, config(folder).build(), kvm, MachineBuilder::resetPoints);
    }

    private static MachineConfig.Builder config(Path folder) {
        return config(folder, TestConfigs.rawDrive("d", folder.resolve(DISK)));
    }

    private static MachineConfig.Builder config(Path folder, DriveSpec drive) {
        NetdevSpec network = new NetdevSpec("n", new NetdevSpec.User(UserConfig.defaults()),
                List.of(new DumpSpec("f", "n", folder.resolve(WIRE), DumpFilter.DEFAULT_MAX_LENGTH)));
        return TestConfigs.machine(4).kernel(IMAGE)
                .device(DeviceConfig.of(VirtioBlockType.NON_TRANSITIONAL).with(PciPlace.ADDRESS, 5 << 3)
                        .with(VirtioBlockType.DRIVE, drive))
                .device(DeviceConfig.of(E1000Type.TYPE).with(PciPlace.ADDRESS, 6 << 3).with(E1000Type.NETDEV, network)
                        .with(PciPlace.ROM_FILE, Path.of("")));
    }

    /** Saves the machine and what is outside at that moment. On a vCPU's thread, or in a paused machine. */
    CompletableFuture<Saved> save() {
        CompletableFuture<MachineSnapshot> snapshot = machine.save();
        return machine.quiesced(this::outside).thenCombine(snapshot, (outside, saved) -> new Saved(saved, outside));
    }

    /** The output of all machines so far. The machine is paused or has ended. */
    Outside outside() {
        try {
            List<Integer> packets = new ArrayList<>(before.packets);
            packets.addAll(packets(Files.readAllBytes(wire)));
            return new Outside(before.serial + serial.text(), Files.readAllBytes(disk), packets);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The serial output of this machine so far. */
    String outsideSerial() {
        return serial.text();
    }

    private static List<Integer> packets(byte[] pcap) {
        ByteBuffer data = ByteBuffer.wrap(pcap).order(ByteOrder.LITTLE_ENDIAN);
        List<Integer> packets = new ArrayList<>();
        for (int at = PCAP_HEADER; at < pcap.length; at += RECORD_HEADER + data.getInt(at + 8)) {
            packets.add(data.getInt(at + RECORD_HEADER + NUMBER_OFFSET));
        }
        return packets;
    }

    @Override
    public void close() {
        machine.close();
    }
}
