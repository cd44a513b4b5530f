package jkvm.app.lab;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** The initial file system of the lab's machine, kept in the cache under a name that tells what it was made of. */
final class LabInitramfs {
    private static final List<String> MODULES = List.of("virtio_pci", "virtio_console", "9pnet_virtio", "9p", "kvm-amd",
            "tun");
    private static final List<String> NETWORK_MODULES = List.of("virtio_net");
    private static final String PREFIX = "initramfs-";

    private LabInitramfs() {
    }

    static Path prepare(LabCache cache, LabKernel kernel, LabTools tools) {
        Path busybox = tools.busybox();
        return cache.exclusively(() -> {
            byte[] init = init();
            Path file = cache.folder().resolve(PREFIX + key(init, kernel, busybox) + ".gz");
            if (!Files.isRegularFile(file)) {
                removeOthers(cache.folder());
                cache.requireSpace(16, "the lab's initial file system");
                Path unfinished = cache.folder().resolve("unfinished.gz");
                write(unfinished, init, new KernelModules(kernel, tools), busybox);
                Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            }
            return file;
        });
    }

    private static byte[] init() throws IOException {
        try (InputStream script = LabInitramfs.class.getResourceAsStream("init.sh")) {
            return script.readAllBytes();
        }
    }

    private static String key(byte[] init, LabKernel kernel, Path busybox) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(init);
            String rest = "%s\n%s\n%s\n%d\n%s\n".formatted(kernel.version(), MODULES, NETWORK_MODULES,
                    Files.size(busybox), Files.getLastModifiedTime(busybox));
            digest.update(rest.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static void removeOthers(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith(PREFIX)).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void write(Path file, byte[] init, KernelModules modules, Path busybox) throws IOException {
        try (OutputStream out = new BufferedOutputStream(new GZIPOutputStream(Files.newOutputStream(file)));
                CpioWriter cpio = new CpioWriter(out)) {
            for (String folder : List.of("bin", "dev", "proc", "sys", "host", "modules")) {
                cpio.folder(folder);
            }
            // The kernel's own console for what goes wrong before /dev is mounted.
            cpio.characterDevice("dev/console", 5, 1);
            cpio.file("bin/busybox", 0755, Files.readAllBytes(busybox));
            cpio.file("init", 0755, init);
            Map<String, byte[]> always = modules.inLoadOrder(MODULES);
            Map<String, byte[]> network = modules.inLoadOrder(NETWORK_MODULES);
            network.keySet().removeAll(always.keySet());
            write(cpio, "modules/order", always);
            write(cpio, "modules/order.network", network);
        }
    }

    /** Adds modules and a list of them, in the order in which they load. */
    static void write(CpioWriter cpio, String list, Map<String, byte[]> modules) throws IOException {
        StringBuilder order = new StringBuilder();
        for (Map.Entry<String, byte[]> module : modules.entrySet()) {
            cpio.file("modules/" + module.getKey(), 0644, module.getValue());
            order.append(module.getKey()).append('\n');
        }
        cpio.file(list, 0644, order.toString().getBytes(StandardCharsets.US_ASCII));
    }
}
