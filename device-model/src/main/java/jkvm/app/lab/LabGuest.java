package jkvm.app.lab;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import jkvm.app.options.UsageException;
import jkvm.host.HostException;

/**
 * A small Linux guest to try things with: Debian's kernel, busybox, and drivers of disks and network cards. It gets an
 * address for each card by DHCP, serves a page on port 80, and gives a shell on the kernel's console.
 */
public final class LabGuest {
    private static final List<String> MODULES = List.of("e1000", "virtio_pci", "virtio_net", "virtio_blk");
    private static final String PAGE = "This page comes from the guest.\n";

    private LabGuest() {
    }

    /**
     * Writes {@code vmlinuz} and {@code initrd.gz} into a folder, which is made if it is not there.
     *
     * @param progress told in a line what takes long, and what is there in the end
     * @throws UsageException if the kernel cannot be fetched, or the files not be written
     */
    public static void write(Path folder, Consumer<String> progress) {
        LabTools tools = new LabTools(System.getenv("PATH"));
        Path busybox = tools.busybox();
        LabKernel kernel = LabKernel.generic(LabCache.ofUser(System.getenv()), tools, progress);
        Path image = folder.resolve("vmlinuz");
        Path initrd = folder.resolve("initrd.gz");
        try {
            Files.createDirectories(folder);
            Files.copy(kernel.image(), image, StandardCopyOption.REPLACE_EXISTING);
            try (OutputStream out = new BufferedOutputStream(new GZIPOutputStream(Files.newOutputStream(initrd)));
                    CpioWriter cpio = new CpioWriter(out)) {
                write(cpio, new KernelModules(kernel, tools), busybox);
            }
        } catch (IOException e) {
            throw new UsageException("lab: cannot write the guest into %s: %s; name a folder that you may write"
                    .formatted(folder, HostException.reasonOf(e)) + " to", e);
        }
        progress.accept("made %s and %s".formatted(image, initrd));
    }

    private static void write(CpioWriter cpio, KernelModules modules, Path busybox) throws IOException {
        for (String name : List.of("bin", "dev", "etc", "mnt", "modules", "proc", "sys", "tmp", "www")) {
            cpio.folder(name);
        }
        cpio.characterDevice("dev/console", 5, 1);
        cpio.file("bin/busybox", 0755, Files.readAllBytes(busybox));
        cpio.file("init", 0755, resource("guest.sh"));
        cpio.file("lease", 0755, resource("lease.sh"));
        cpio.file("www/index.html", 0644, PAGE.getBytes(StandardCharsets.US_ASCII));
        LabInitramfs.write(cpio, "modules/order", modules.inLoadOrder(MODULES));
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = LabGuest.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }
}
