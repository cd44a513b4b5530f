package jkvm.app.lab;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import jkvm.media.GrubMedia;
import jkvm.media.MediaFolder;

/**
 * A disc with GRUB and Debian's installer in text mode, from the package {@code debian-installer-12-netboot-amd64}.
 * That package's initial file system has drivers of network cards (e1000 and virtio-net among them), but of no disk
 * controller: the installer fetches those from a mirror. So a second one brings {@code virtio_blk} of the same kernel.
 */
final class InstallerDisc {
    private static final String IMAGES = "/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/";
    private static final Path KERNEL = Path.of(IMAGES + "linux");
    private static final Path INITRD = Path.of(IMAGES + "initrd.gz");
    /** Where a bzImage says where its version is written, from its second sector on (kernel's boot protocol, 2.00). */
    private static final int VERSION_OFFSET = 0x20E;
    private static final int SECTOR = 512;
    private static final String STARTUP = "lib/debian-installer-startup.d";

    private InstallerDisc() {
    }

    /** Skips the test where the package is missing. */
    static void require() {
        MediaFolder.require("debian-installer-12-netboot-amd64", KERNEL.toString(), INITRD.toString());
    }

    /** @param words of the kernel's command line */
    static Path make(MediaFolder folder, String words) throws IOException {
        folder.copy(KERNEL, "root/boot/linux");
        folder.copy(INITRD, "root/boot/initrd.gz");
        folder.write("root/boot/disk.gz", diskDriver());
        return GrubMedia.iso(folder, """
                menuentry "Install" {
                    linux /boot/linux %s
                    initrd /boot/initrd.gz /boot/disk.gz
                }
                """.formatted(words));
    }

    private static String version() throws IOException {
        byte[] kernel = Files.readAllBytes(KERNEL);
        int start = SECTOR + ByteBuffer.wrap(kernel).order(ByteOrder.LITTLE_ENDIAN).getShort(VERSION_OFFSET);
        int end = start;
        while (kernel[end] != ' ') {
            end++;
        }
        return new String(kernel, start, end - start, StandardCharsets.US_ASCII);
    }

    /** Modules, and a script that loads them before the installer's first dialogue. */
    private static byte[] diskDriver() throws IOException {
        Map<String, byte[]> modules = new KernelModules(LabKernel.ofPackage("linux-image-" + version(),
                System.err::println)).inLoadOrder(List.of("virtio_blk"));
        StringBuilder script = new StringBuilder("#!/bin/sh\n");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CpioWriter cpio = new CpioWriter(new GZIPOutputStream(bytes))) {
            cpio.folder("disk");
            for (Map.Entry<String, byte[]> module : modules.entrySet()) {
                cpio.file("disk/" + module.getKey() + ".ko", 0644, module.getValue());
                script.append("insmod /disk/").append(module.getKey()).append(".ko\n");
            }
            cpio.folder("lib");
            cpio.folder(STARTUP);
            cpio.file(STARTUP + "/S05disk", 0755, script.toString().getBytes(StandardCharsets.US_ASCII));
        }
        return bytes.toByteArray();
    }
}
