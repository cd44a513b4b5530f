package jkvm.control.migrate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import jkvm.device.board.PciPlace;
import jkvm.device.e1000.E1000Type;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.guest.GuestImages;
import jkvm.host.chardev.FakeChardev;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.usernet.UserConfig;
import jkvm.linux.Syscalls;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineRun;
import jkvm.machine.TestConfigs;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;

/**
 * A machine with the guest {@code busy}, which checks itself: timer, disk, network card and serial port at work.
 * Several of them are the stations of one guest, which share its disk.
 */
final class TravellingGuest implements AutoCloseable {
    static final int PASSED = 1;
    private static final int DISK_SIZE = 1 << 15;
    private static final String DISK = "disk.raw";
    private static final Path IMAGE = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot")
            .resolve("busy.bin");

    final FakeChardev serial = new FakeChardev();
    final MachineRun run;
    final Migration migration;
    final List<String> told = new CopyOnWriteArrayList<>();

    private TravellingGuest(Syscalls kvm, MachineConfig config, boolean awaits,
            Map<String, TlsCredentials> credentials) {
        MachineBuilder builder = new MachineBuilder(config, kvm, _ -> serial);
        if (awaits) {
            builder.awaitsState();
        }
        run = new MachineRun(builder.build());
        migration = new Migration(run.machine, credentials);
        migration.addListener(new MigrationListener() {
            @Override
            public void status(MigrationStatus status) {
                told.add(status.text());
            }

            @Override
            public void pass(long number) {
                told.add("pass " + number);
            }
        });
        if (awaits) {
            migration.expect();
        }
    }

    /** The first station: the disk is empty. Paused before its first instruction. */
    static TravellingGuest first(Syscalls kvm, Path folder) throws IOException {
        return first(kvm, folder, Map.of());
    }

    /** The same with certificates. */
    static TravellingGuest first(Syscalls kvm, Path folder, Map<String, TlsCredentials> credentials)
            throws IOException {
        Files.write(folder.resolve(DISK), new byte[DISK_SIZE]);
        return new TravellingGuest(kvm, config(folder).build(), false, credentials);
    }

    /** A station that waits for the guest. */
    static TravellingGuest waiting(Syscalls kvm, Path folder) throws IOException {
        return waitingWith(kvm, folder, config -> config, Map.of());
    }

    /** A station that differs, or has certificates. */
    static TravellingGuest waitingWith(Syscalls kvm, Path folder, UnaryOperator<MachineConfig.Builder> more,
            Map<String, TlsCredentials> credentials) throws IOException {
        if (!Files.exists(folder.resolve(DISK))) {
            Files.write(folder.resolve(DISK), new byte[DISK_SIZE]);
        }
        return new TravellingGuest(kvm, more.apply(config(folder)).build(), true, credentials);
    }

    private static MachineConfig.Builder config(Path folder) {
        return TestConfigs.machine(4).kernel(IMAGE)
                .device(DeviceConfig.of(VirtioBlockType.NON_TRANSITIONAL).with(PciPlace.ADDRESS, 5 << 3)
                        .with(VirtioBlockType.DRIVE, TestConfigs.rawDrive("d", folder.resolve(DISK))))
                .device(DeviceConfig.of(E1000Type.TYPE).with(PciPlace.ADDRESS, 6 << 3).with(E1000Type.NETDEV,
                        new NetdevSpec("n", new NetdevSpec.User(UserConfig.defaults()), List.of()))
                        .with(PciPlace.ROM_FILE, Path.of("")));
    }

    TravellingGuest start() {
        run.start();
        return this;
    }

    /** Waits for the end of a migration that this station sends or receives. */
    MigrationProgress ended() throws InterruptedException {
        MachineRun.await("the migration ends", () -> !migration.progress().status().isUnderWay()
                && migration.progress().status() != MigrationStatus.NONE);
        return migration.progress();
    }

    /** Ends at once, whatever goes on. */
    void die() {
        migration.close();
        run.close();
    }

    @Override
    public void close() {
        die();
    }
}
