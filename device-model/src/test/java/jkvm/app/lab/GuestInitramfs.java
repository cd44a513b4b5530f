package jkvm.app.lab;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * Initial file systems for Linux guests of tests: busybox, some modules, and a script that mounts /dev, /proc and /sys,
 * loads the modules and then does what the test wants.
 */
public final class GuestInitramfs {
    /** The shell's prompt on the first serial port. */
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
    /** A path in what ldd prints. */
    private static final Pattern LIBRARY = Pattern.compile("(?m)(?:^\\s+|=> )(/\\S+) \\(");

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
        return script(modules, names, script, List.of());
    }

    /**
     * A script, and files of the host that it needs.
     *
     * @param files absolute; each is at the same path in the guest, as a regular file that may be executed
     * @see #script(KernelModules, List, String)
     */
    public static byte[] script(KernelModules modules, List<String> names, String script, Collection<Path> files)
            throws IOException {
        Path busybox = new LabTools(System.getenv("PATH")).busybox();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes); CpioWriter cpio = new CpioWriter(out)) {
            for (String folder : List.of("bin", "dev", "proc", "sys", "tmp", "mnt", "modules")) {
                cpio.folder(folder);
            }
            copy(files, cpio);
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

    /**
     * Programs of the host with the libraries and the loader that they need, as files for {@link #script(KernelModules,
     * List, String, Collection)}. The test is skipped if one is missing.
     *
     * @param origin the package that has them, for the message
     * @param paths  absolute
     */
    public static Collection<Path> programs(String origin, String... paths) throws IOException {
        LabTools tools = new LabTools(System.getenv("PATH"));
        Set<Path> files = new TreeSet<>();
        for (String program : paths) {
            assumeTrue(Files.isExecutable(Path.of(program)), "no " + program + " here: apt-get install " + origin);
            files.add(Path.of(program));
            String libraries = new String(tools.run(Path.of("/"), List.of("ldd", program)), StandardCharsets.UTF_8);
            LIBRARY.matcher(libraries).results().forEach(found -> files.add(Path.of(found.group(1))));
        }
        return files;
    }

    private static void copy(Collection<Path> files, CpioWriter cpio) throws IOException {
        Set<Path> folders = new TreeSet<>();
        for (Path file : files) {
            for (Path folder = file.getParent(); folder.getNameCount() > 0; folder = folder.getParent()) {
                folders.add(folder);
            }
        }
        // Sorted, a folder comes before what is in it.
        for (Path folder : folders) {
            cpio.folder(folder.toString().substring(1));
        }
        for (Path file : files) {
            cpio.file(file.toString().substring(1), 0755, Files.readAllBytes(file));
        }
    }
}
