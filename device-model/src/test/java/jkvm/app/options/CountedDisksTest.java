package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import jkvm.guest.GuestImages;
import jkvm.machine.CountedRun;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.media.Bios;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * SeaBIOS drives disks of an AHCI controller and of virtio-scsi, a floppy disk, an IDE CD-ROM drive and a VGA for a
 * program of INT 13h calls, with time counted in instructions: two runs agree, and one that was saved goes on.
 */
@Timeout(120)
class CountedDisksTest {
    private static final int STATUS = 0x10 << 1 | 1;
    private static final int SAVES = 6;

    @TempDir
    private Path folder;

    private String disk(String name, long size) throws IOException {
        Path disk = folder.resolve(name);
        if (!Files.exists(disk)) {
            Files.copy(GuestImages.folder("device-model", "src/test/resources/jkvm/bootsector").resolve("disks.bin"),
                    disk);
            try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
                file.setLength(size);
            }
        }
        return disk.toString();
    }

    private MachineConfig machine() throws IOException {
        List<String> words = new ArrayList<>(List.of("-icount", "shift=3,sleep=off", "-m", "8",
                // A load writes kvmclock's page in the guest's memory anew.
                "-cpu", "qemu64,kvmclock=off", "-nodefaults", "-display", "none", "-vga", "std", "-serial", "stdio",
                "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-device", "ahci,id=ahci0",
                "-device", "virtio-scsi-pci,id=scsi"));
        words.addAll(List.of("-drive", "if=none,id=a,format=raw,snapshot=on,file=" + disk("ata", 10 << 20), "-device",
                "ide-hd,drive=a,bus=ahci0.0,bootindex=0"));
        words.addAll(List.of("-drive", "if=none,id=s,format=raw,snapshot=on,file=" + disk("scsi", 10 << 20), "-device",
                "scsi-hd,drive=s,bus=scsi.0"));
        words.addAll(List.of("-drive", "if=floppy,format=raw,snapshot=on,file=" + disk("floppy", 1440 << 10)));
        words.addAll(List.of("-cdrom", TestCd.of(folder.resolve("cd.iso"), new byte[2048], 0)));
        words.addAll(Bios.SEABIOS.words());
        return QemuOptions.parse(words, DeviceTypes.builtIn()).machine();
    }

    @Test
    void shouldAgreeInTwoRuns() throws Exception {
        CountedRun whole = CountedRun.of(machine());
        assertEquals(STATUS, whole.status(), whole.serial());
        assertEquals(whole, CountedRun.of(machine()));
    }

    /** A machine that was saved in the midst of a transfer goes on in another one, which ends as the first. */
    @Test
    void shouldGoOnFromWhereItWasSaved() throws Exception {
        MachineConfig config = machine();
        long end = CountedRun.of(config).count();
        List<CompletableFuture<MachineSnapshot>> states = new ArrayList<>();
        CountedRun whole = CountedRun.of(config, run -> saveEach(run, end / SAVES, states));
        assertEquals(SAVES - 1, states.size());
        for (CompletableFuture<MachineSnapshot> state : states) {
            CountedRun rest = CountedRun.of(config, run -> run.machine().load(state.join()));
            assertEquals(whole.withoutSerial(), rest.withoutSerial());
            assertTrue(whole.serial().endsWith(rest.serial()), rest.serial());
        }
    }

    /** Saves at each multiple of a count but the last. */
    private static void saveEach(CountedRun.Control run, long step, List<CompletableFuture<MachineSnapshot>> states) {
        run.clock().stopAt(step * (states.size() + 1), () -> {
            states.add(run.machine().save());
            if (states.size() < SAVES - 1) {
                saveEach(run, step, states);
            }
        });
    }

    /** A microvm has no PCI: its adapter's registers are in memory. */
    @Test
    void shouldTakeUnitsOfAnAdapterWithoutPci() throws Exception {
        MachineConfig config = QemuOptions.parse(List.of("-icount", "shift=3,sleep=off", "-M", "microvm", "-m", "8",
                "-nodefaults", "-display", "none", "-serial", "stdio", "-device",
                "isa-debug-exit,iobase=0xf4,iosize=4", "-kernel",
                GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot").resolve("debug-exit.bin")
                        .toString(), "-device", "virtio-scsi-device,id=scsi", "-drive",
                "if=none,id=s,format=raw,file=" + disk("scsi", 10 << 20), "-device",
                "scsi-hd,drive=s,bus=scsi.0,bootindex=1"), DeviceTypes.builtIn()).machine();

        assertEquals(1, CountedRun.of(config).status() & 1);
    }
}
