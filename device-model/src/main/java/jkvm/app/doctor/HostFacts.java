package jkvm.app.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jkvm.inspect.KvmHost;
import jkvm.linux.Syscalls;
import jkvm.vm.Kvm;

/** Reads what {@code /proc}, {@code /sys} and {@code /dev} tell. Leaves empty what it cannot read. */
final class HostFacts {
    private static final String UNKNOWN = "unknown";
    private static final String AOT_CACHE_FLAG = "-XX:AOTCache=";
    private final Path root;

    /** @param root the root of the file tree, {@code /} but in tests */
    HostFacts(Path root) {
        this.root = root;
    }

    DoctorReport.Host host() {
        List<String> cpu = lines("proc/cpuinfo");
        String model = value(cpu, "model name");
        List<String> release = lines("proc/sys/kernel/osrelease");
        KvmHost kvm = kvm();
        return new DoctorReport.Host(model.isEmpty() ? UNKNOWN : model, kvm.vmx(), kvm.svm(),
                release.isEmpty() ? UNKNOWN : release.getFirst().strip(), modules());
    }

    KvmHost kvm() {
        return KvmHost.read(root);
    }

    private static String value(List<String> lines, String key) {
        return lines.stream().filter(line -> line.startsWith(key)).findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse("");
    }

    /** Built-in modules show in /sys only. */
    private List<String> modules() {
        try (Stream<Path> all = Files.list(root.resolve("sys/module"))) {
            return all.map(path -> path.getFileName().toString())
                    .filter(name -> name.equals("kvm") || name.startsWith("kvm_")).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    DoctorReport.DeviceFile device() {
        Path path = root.resolve(Kvm.DEVICE.substring(1));
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return new DoctorReport.DeviceFile(Kvm.DEVICE, false, "", "", "");
        }
        try {
            PosixFileAttributes attributes = Files.getFileAttributeView(path, PosixFileAttributeView.class)
                    .readAttributes();
            return new DoctorReport.DeviceFile(Kvm.DEVICE, true, attributes.owner().getName(),
                    attributes.group().getName(), PosixFilePermissions.toString(attributes.permissions()));
        } catch (IOException e) {
            return new DoctorReport.DeviceFile(Kvm.DEVICE, true, UNKNOWN, UNKNOWN, UNKNOWN);
        }
    }

    DoctorReport.JavaRuntime java() {
        List<String> flags = jvmFlags();
        return new DoctorReport.JavaRuntime(Runtime.version().toString(), System.getProperty("java.vm.name", UNKNOWN),
                System.getProperty("java.home", UNKNOWN), Syscalls.class.getModule().isNativeAccessEnabled(),
                aotCache(flags), flags);
    }

    /** The arguments before the main class; a flag that takes its value as a further argument is kept with it. */
    private List<String> jvmFlags() {
        List<String> flags = new ArrayList<>();
        List<String> arguments = commandLine();
        for (int i = 1; i < arguments.size() && arguments.get(i).startsWith("-"); i++) {
            String flag = arguments.get(i);
            boolean valueFollows = List.of("-p", "-cp", "-m", "-classpath", "--module-path", "--class-path", "--module",
                    "--add-modules").contains(flag);
            flags.add(valueFollows && i + 1 < arguments.size() ? flag + " " + arguments.get(++i) : flag);
            if (flag.equals("-m") || flag.equals("--module") || flag.startsWith("--module=")) {
                break;
            }
        }
        return List.copyOf(flags);
    }

    private List<String> commandLine() {
        try {
            byte[] bytes = Files.readAllBytes(root.resolve("proc/self/cmdline"));
            return List.of(new String(bytes, StandardCharsets.UTF_8).split("\0"));
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The JVM goes on without a cache that does not fit, and says nothing: only a mapped one is in use. */
    private String aotCache(List<String> flags) {
        for (String flag : flags) {
            if (flag.startsWith(AOT_CACHE_FLAG)) {
                String file = flag.substring(AOT_CACHE_FLAG.length());
                String mapped = "/" + Path.of(file).getFileName();
                return lines("proc/self/maps").stream().anyMatch(line -> line.endsWith(mapped)) ? file : "";
            }
        }
        return "";
    }

    private List<String> lines(String path) {
        try {
            return Files.readAllLines(root.resolve(path), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return List.of();
        }
    }
}
