package jkvm.lab;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * Initial file systems for Linux guests of tests: busybox, some modules, and a script that mounts /dev, /proc and /sys,
 * loads the modules and then does what the test wants.
 */
public final class GuestInitramfs {
    /** What the shell's prompt on the first serial port looks like. */
    public static final String PROMPT = "guest# ";
    private static final String INIT = """
            #!/bin/busybox sh
            /bin/busybox mount -t proc proc /proc
            /bin/busybox --install -s /bin
            export PATH=/bin HOME=/ TERM=vt100
            mount -t sysfs sys /sys
            mount -t devtmpfs dev /dev
            for module in $(cat /modules/order); do insmod /modules/$module; done
            """;
    private static final String SHELL = """
            export PS1='guest# '
            setsid -c sh -i </dev/ttyS0 >/dev/ttyS0 2>&1
            poweroff -f
            """;

    private GuestInitramfs() {
    }

    /** A shell on ttyS0; when it ends the guest is powered off. */
    public static byte[] shell(KernelModules modules, List<String> names) throws IOException {
        return script(modules, names, SHELL);
    }

    /**
     * A script of the test's own, run by busybox's shell with the kernel's console as its output.
     *
     * @param modules of the kernel that the guest boots
     * @param names   modules to load, with all that they need; may be empty
     */
    public static byte[] script(KernelModules modules, List<String> names, String script) throws IOException {
        Path busybox = new LabTools(System.getenv("PATH")).busybox();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes); CpioWriter cpio = new CpioWriter(out)) {
            for (String folder : List.of("bin", "dev", "proc", "sys", "tmp", "mnt", "modules")) {
                cpio.folder(folder);
            }
            cpio.characterDevice("dev/console", 5, 1);
            cpio.file("bin/busybox", 0755, Files.readAllBytes(busybox));
            StringBuilder order = new StringBuilder();
            for (Map.Entry<String, byte[]> module : modules.inLoadOrder(names).entrySet()) {
                cpio.file("modules/" + module.getKey(), 0644, module.getValue());
                order.append(module.getKey()).append('\n');
            }
            cpio.file("modules/order", 0644, order.toString().getBytes(StandardCharsets.US_ASCII));
            cpio.file("init", 0755, (INIT + script).getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
