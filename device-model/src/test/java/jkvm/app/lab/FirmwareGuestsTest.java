package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Firmware, what it starts, and what it and the user leave to the guest: Debian's packages on the KVM in Java. */
@BootsGuests
class FirmwareGuestsTest {
    private static final Path MEMTEST = Path.of("/boot/memtest86+x64.bin");
    private static final Path SEABIOS = Path.of("/usr/share/seabios/bios-256k.bin");
    private static final Path GRUB = Path.of("/usr/lib/grub/i386-pc");
    private static final Duration BOOT = Duration.ofMinutes(2);
    private static final Duration COMMAND = Duration.ofSeconds(60);
    private static final int DISK_SIZE = 4 << 20;
    private static final int STATUS = 0x10;

    @TempDir
    private Path folder;

    private static SoftTerminal jkvm(String... arguments) throws Exception {
        return new SoftTerminal(List.of(arguments));
    }

    @Test
    void shouldTestMemoryWithMemtest86Plus() throws Exception {
        assumeTrue(Files.exists(MEMTEST), "Debian's package memtest86+ is not installed");
        try (SoftTerminal terminal = jkvm("-kernel", MEMTEST.toString(), "-append", "console=ttyS0,115200", "-m", "32",
                "-nographic")) {
            terminal.expect("Memtest86+ v", BOOT);
            terminal.expect("Standard PC", COMMAND);
            terminal.expect("Moving inversions", COMMAND);
            terminal.expect("Errors: 0", COMMAND);
        }
    }

    @Test
    void shouldShowGrubsMenuOverSerialAndObeyIt() throws Exception {
        requireGrub();
        try (SoftTerminal terminal = jkvm("-bios", SEABIOS.getFileName().toString(), "-m", "64",
                "-nographic", "-hda", grubDisk("outb 0xf4 0x%x".formatted(STATUS), "iorw").toString(),
                "-device", "isa-debug-exit,iobase=0xf4")) {
            terminal.expect("SeaBIOS (version ", BOOT);
            terminal.expect("GNU GRUB", BOOT);
            terminal.expect("the test's entry", COMMAND);
            terminal.send("\r");
            assertEquals(STATUS << 1 | 1, terminal.exitStatus(COMMAND));
        }
    }

    @Test
    void shouldBootLinuxThroughGrub() throws Exception {
        requireGrub();
        LabKernel kernel = LabKernel.cloud(System.err::println);
        Path files = Files.createDirectory(folder.resolve("files"));
        Files.copy(kernel.image(), files.resolve("vmlinuz"));
        Files.write(files.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel), List.of(),
                "echo RUNNING with $(cat /proc/cmdline)\npoweroff -f\n"));
        tool("mke2fs", "-q", "-t", "ext2", "-d", files.toString(), "files.img", "32M");
        Path disk = grubDisk("linux (hd1)/vmlinuz console=ttyS0 quiet from-grub; initrd (hd1)/initramfs.gz", "linux",
                "ext2");
        try (SoftTerminal terminal = jkvm("-bios", SEABIOS.getFileName().toString(), "-m", "256", "-nographic",
                "-hda", disk.toString(), "-drive", "if=virtio,format=raw,file=" + folder.resolve("files.img"))) {
            terminal.expect("the test's entry", BOOT);
            terminal.send("\r");
            terminal.expect("RUNNING with BOOT_IMAGE=(hd1)/vmlinuz console=ttyS0 quiet from-grub", BOOT);
            assertEquals(0, terminal.exitStatus(COMMAND));
        }
    }

    private static void requireGrub() {
        assumeTrue(Files.exists(SEABIOS), "Debian's package seabios is not installed");
        assumeTrue(Files.exists(GRUB) && new LabTools(System.getenv("PATH")).find("grub-mkimage").isPresent(),
                "Debian's packages grub-pc-bin and grub-common are not installed");
    }

    @Test
    void shouldShowLinuxTheUsersFiles() throws Exception {
        LabKernel kernel = LabKernel.cloud(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of("qemu_fw_cfg"), "cat /sys/firmware/qemu_fw_cfg/by_name/opt/test/file/raw\npoweroff -f\n"));
        try (SoftTerminal terminal = jkvm("-kernel", kernel.image().toString(), "-initrd", initramfs.toString(),
                "-append", "console=ttyS0 quiet", "-m", "128", "-nographic",
                "-fw_cfg", "name=opt/test/file,string=to be read in it")) {
            terminal.expect("to be read in it", BOOT);
            assertEquals(0, terminal.exitStatus(COMMAND));
        }
    }

    /**
     * A disk as grub-install makes it: GRUB's boot sector, then its core with modules and menu inside.
     *
     * @param commands of the menu's only entry
     * @param modules  that have these commands
     */
    private Path grubDisk(String commands, String... modules) throws Exception {
        Files.writeString(Files.createDirectories(folder.resolve("boot/grub")).resolve("grub.cfg"), """
                serial --unit=0 --speed=115200
                terminal_input serial
                terminal_output serial
                set timeout=-1
                menuentry "the test's entry" { %s }
                """.formatted(commands));
        tool("tar", "cf", "menu.tar", "boot");
        List<String> making = new ArrayList<>(List.of("grub-mkimage", "-O", "i386-pc", "-o", "core.img", "-m",
                "menu.tar", "-p", "(memdisk)/boot/grub", "biosdisk", "memdisk", "tar", "normal", "serial", "terminal"));
        making.addAll(List.of(modules));
        tool(making.toArray(String[]::new));
        ByteArrayOutputStream image = new ByteArrayOutputStream(DISK_SIZE);
        image.write(Files.readAllBytes(GRUB.resolve("boot.img")));
        image.write(Files.readAllBytes(folder.resolve("core.img")));
        image.write(new byte[DISK_SIZE - image.size()]);
        return Files.write(folder.resolve("disk.img"), image.toByteArray());
    }

    private void tool(String... command) throws Exception {
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), output);
    }
}
