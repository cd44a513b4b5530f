package jkvm.machine;

import static jkvm.machine.MachineRun.done;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import jkvm.control.guest.Guest;
import jkvm.device.e1000.E1000Type;
import jkvm.device.ide.IdeType;
import jkvm.device.vga.VgaType;
import jkvm.guest.GuestImages;
import jkvm.junit.Guests;
import jkvm.machine.BusyGuest.Outside;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.machine.snapshot.SnapshotReader;
import jkvm.machine.snapshot.SnapshotWriter;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * States that earlier versions wrote go on in this one. Their files are never written anew. {@code -Djkvm.keep=NAME}
 * writes those of this version, {@code NAME} in their names, which is to be done when the format or a part's state gets
 * a higher version.
 */
@Timeout(60)
class KeptStateTest {
    private static final Path KEPT = GuestImages.folder("device-model", "src/test/resources/jkvm/machine/kept");
    private static final long MEMORY = 4 << 20;
    private static final String LETTERS = "b0 41 ba f8 03 ee fe c0 3c 5b 75 f9 fa f4 eb fd";
    private static final String BUSY = "busy-", PARTS = "parts-", STATE = ".state.gz", DISK = ".disk";
    private static final CpuConfig CPU = new CpuConfig("qemu64", Map.of());
    private static final int DISK_SIZE = Outside.EMPTY.disk().length;

    @TempDir
    private Path folder;

    private static List<Path> kept(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(KEPT)) {
            return files.filter(file -> file.getFileName().toString().matches(prefix + ".*\\" + STATE)).sorted()
                    .toList();
        }
    }

    private static MachineSnapshot read(Path file) throws IOException {
        try (ReadableByteChannel channel = Channels.newChannel(new GZIPInputStream(Files.newInputStream(file)))) {
            return MachineSnapshot.read(new SnapshotReader(channel), MEMORY);
        }
    }

    private static void write(Path file, MachineSnapshot state) throws IOException {
        try (WritableByteChannel channel = Channels.newChannel(new GZIPOutputStream(
                Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)))) {
            SnapshotWriter out = new SnapshotWriter(channel);
            out.compress(9);
            state.write(out);
        }
    }

    /** With timer, virtio disk, network card and serial port at work. */
    private BusyGuest busy(Outside before) throws IOException {
        return BusyGuest.on(Accelerators.open("soft").syscalls(), folder, before, CPU);
    }

    /** With an IDE disk, a network card and a display adapter, that prints letters. */
    private Guest parts() throws IOException {
        Path image = Files.write(folder.resolve("code"), HexFormat.of().parseHex(LETTERS.replace(" ", "")));
        Path disk = Files.write(folder.resolve("ide"), new byte[DISK_SIZE]);
        MachineConfig config = Guests.machine(2).image(image, Guests.CODE_ADDRESS).cpu(CPU)
                .device(DeviceConfig.of(IdeType.HardDisk.TYPE)
                        .with(IdeType.HardDisk.DRIVE, TestConfigs.rawDrive("d", disk)))
                .device(DeviceConfig.of(E1000Type.TYPE)).device(DeviceConfig.of(VgaType.TYPE)).build();
        return Guest.builder(config).accelerator(Accelerators.open("soft")).build();
    }

    @Test
    void shouldGoOnFromBusyMachinesOfEarlierVersions() throws Exception {
        List<Path> files = kept(BUSY);
        assertFalse(files.isEmpty());
        for (Path file : files) {
            String name = file.getFileName().toString().replace(STATE, DISK);
            byte[] disk = Arrays.copyOf(Files.readAllBytes(file.resolveSibling(name)), DISK_SIZE);
            try (BusyGuest guest = busy(new Outside("", disk, List.of()))) {
                CompletableFuture<Void> load = guest.machine.load(read(file));
                int status = guest.machine.run().status();
                load.join();
                assertFalse(guest.outside().serial().contains("FAIL"), file + ": " + guest.outside().serial());
                assertEquals(BusyGuest.PASSED, status, file.toString());
            }
        }
    }

    @Test
    void shouldGoOnFromMachinesOfEarlierVersionsWithOtherParts() throws Exception {
        List<Path> files = kept(PARTS);
        assertFalse(files.isEmpty());
        for (Path file : files) {
            try (Guest guest = parts()) {
                CompletableFuture<Void> load = guest.machine().load(read(file));
                guest.start().awaitOutput("XYZ");
                done(load);
                assertTrue(guest.output().startsWith("ABC"), file.toString());
            }
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "jkvm.keep", matches = ".+")
    void shouldWriteTheStatesOfThisVersion() throws Exception {
        String name = System.getProperty("jkvm.keep");
        BusyGuest busy = busy(Outside.EMPTY);
        try (busy; MachineRun run = new MachineRun(busy.machine).start()) {
            MachineRun.await("serial output", () -> !busy.outsideSerial().isEmpty());
            done(run.machine.pause());
            BusyGuest.Saved saved = done(busy.save());
            write(KEPT.resolve(BUSY + name + STATE), saved.snapshot());
            byte[] disk = saved.outside().disk();
            int length = disk.length;
            while (length > 0 && disk[length - 1] == 0) {
                length--;
            }
            Files.write(KEPT.resolve(BUSY + name + DISK), Arrays.copyOf(disk, length));
        }
        try (Guest guest = parts()) {
            CompletableFuture<MachineSnapshot> saved = guest.machine().save();
            guest.start();
            write(KEPT.resolve(PARTS + name + STATE), done(saved));
        }
    }
}
