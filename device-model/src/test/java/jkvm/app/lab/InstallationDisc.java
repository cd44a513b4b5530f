package jkvm.app.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import jkvm.media.GrubMedia;
import jkvm.media.MediaFolder;

/**
 * A disc that installs a small system on the first IDE disk: Debian's kernel, busybox, and GRUB by Debian's own
 * grub-install. It partitions and formats the disk, and powers the machine off. The installed system has a root file
 * system of its own and asks for commands at the first serial port.
 */
final class InstallationDisc {
    /** The menu's entry that installs. */
    static final String INSTALL = "Install the system";
    /** Printed before the machine is powered off. */
    static final String INSTALLED = "The system is installed";
    /** The installed system's entry in the menu of its own GRUB. */
    static final String SYSTEM = "The installed system";
    private static final Path GRUB = Path.of("/usr/lib/grub/i386-pc");
    private static final List<String> MODULES = List.of("ata_piix", "sd_mod", "sr_mod", "isofs");
    /** Entered with the disc's kernel and busybox; a command that fails ends it, as a panic of the kernel. */
    private static final String INSTALLER = """
            set -ex
            mkdir /cdrom
            while ! mount -t iso9660 -o ro /dev/sr0 /cdrom; do sleep 0.2; done
            printf 'o\\nn\\np\\n1\\n2048\\n\\na\\n1\\nw\\n' | fdisk /dev/sda
            /sbin/mke2fs -q -t ext4 -L system /dev/sda1
            mount -t ext4 /dev/sda1 /mnt
            mkdir -p /mnt/bin /mnt/boot /mnt/dev /mnt/proc /mnt/sys
            cp /bin/busybox /mnt/bin
            chroot /mnt /bin/busybox --install -s /bin
            cp /cdrom/boot/vmlinuz /cdrom/boot/system.gz /mnt/boot
            cp /cdrom/init /mnt/init
            export LD_LIBRARY_PATH=/lib/x86_64-linux-gnu
            /usr/sbin/grub-install --target=i386-pc --boot-directory=/mnt/boot --locales= --fonts= --themes= /dev/sda
            cp /cdrom/grub.cfg /mnt/boot/grub/grub.cfg
            umount /mnt
            set +x
            echo %s
            poweroff -f
            """.formatted(INSTALLED);
    /** Leaves the initial file system for the disk. */
    private static final String SYSTEM_START = """
            while ! mount -t ext4 /dev/sda1 /mnt; do sleep 0.2; done
            mount --move /dev /mnt/dev
            exec switch_root /mnt /init
            """;
    private static final String SYSTEM_INIT = """
            #!/bin/sh
            export PATH=/bin PS1='installed# ' TERM=vt100
            mount -t proc proc /proc
            echo "$(cat /proc/sys/kernel/ostype) runs from $(grep ' / ext4' /proc/mounts)"
            setsid -c sh -i </dev/ttyS0 >/dev/ttyS0 2>&1
            poweroff -f
            """;

    private InstallationDisc() {
    }

    static Path make(MediaFolder folder) throws IOException {
        LabKernel kernel = LabKernel.cloud(System.err::println);
        KernelModules modules = new KernelModules(kernel);
        Collection<Path> files = new TreeSet<>(GuestInitramfs.programs("grub2-common e2fsprogs",
                "/usr/sbin/grub-install", "/sbin/mke2fs"));
        try (Stream<Path> parts = Files.list(GRUB)) {
            parts.filter(part -> part.toString().matches(".*\\.(mod|img|lst|sh)")).forEach(files::add);
        }
        folder.copy(kernel.image(), "root/boot/vmlinuz");
        folder.write("root/boot/install.gz", GuestInitramfs.script(modules, MODULES, INSTALLER, files));
        folder.write("root/boot/system.gz", GuestInitramfs.script(modules, MODULES, SYSTEM_START));
        Files.setPosixFilePermissions(folder.write("root/init", SYSTEM_INIT),
                PosixFilePermissions.fromString("rwxr-xr-x"));
        folder.write("root/grub.cfg", GrubMedia.configuration("""
                menuentry "%s" {
                    linux /boot/vmlinuz console=ttyS0 quiet
                    initrd /boot/system.gz
                }
                """.formatted(SYSTEM)));
        return GrubMedia.iso(folder, """
                menuentry "%s" {
                    linux /boot/vmlinuz console=ttyS0 quiet
                    initrd /boot/install.gz
                }
                """.formatted(INSTALL));
    }
}
