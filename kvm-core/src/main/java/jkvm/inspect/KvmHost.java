package jkvm.inspect;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import jkvm.linux.Errno;
import jkvm.vm.Kvm;

/**
 * The facts of a host that decide whether {@code /dev/kvm} can be used, and the advice that follows from them.
 *
 * @param vmx     the processor has Intel's virtualisation
 * @param svm     the processor has AMD's
 * @param inForce the kernel offers KVM now: a module may be there without
 * @param group   the device's group, empty if it is absent or cannot be seen
 * @param mode    the device's permissions as {@code rw-rw----}, empty likewise
 */
public record KvmHost(boolean vmx, boolean svm, boolean inForce, String group, String mode) {

    /** Reads the facts; what cannot be read is as if absent. */
    public static KvmHost read(Path root) {
        List<String> flags = lines(root.resolve("proc/cpuinfo")).stream().filter(line -> line.startsWith("flags"))
                .findFirst().map(line -> List.of(line.split("\\s+"))).orElse(List.of());
        // A module that found no use for itself, as on a processor without support, has registered no device.
        boolean inForce = lines(root.resolve("proc/misc")).stream().anyMatch(line -> line.strip().endsWith(" kvm"));
        String group = "";
        String mode = "";
        try {
            PosixFileAttributes device = Files.readAttributes(root.resolve(Kvm.DEVICE.substring(1)),
                    PosixFileAttributes.class);
            group = device.group().getName();
            mode = PosixFilePermissions.toString(device.permissions());
        } catch (IOException _) {
            // It is absent, or in a folder that this user may not look into.
        }
        return new KvmHost(flags.contains("vmx"), flags.contains("svm"), inForce, group, mode);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return List.of();
        }
    }

    /**
     * The way to a {@code /dev/kvm} that can be used, in one line.
     *
     * @param errno how opening it failed
     * @param user  the name of who tried
     */
    public String advice(Errno errno, String user) {
        return switch (errno) {
            case ENOENT, ENODEV, ENXIO -> withoutDevice();
            case EACCES -> withoutPermission(user);
            case EPERM -> "the container or service forbids the device: start it with --device " + Kvm.DEVICE;
            case EBUSY -> "stop the other hypervisor that holds the processor's virtualisation";
            case ENOTTY, EINVAL -> "this is not KVM's device; in a container: start it with --device " + Kvm.DEVICE;
            default -> "see the kernel's log: sudo dmesg | grep -i kvm";
        };
    }

    private String withoutDevice() {
        if (inForce) {
            return "KVM is loaded; in a container: start it with --device /dev/kvm, else: sudo mknod /dev/kvm c 10 232";
        }
        if (vmx) {
            return "sudo modprobe kvm_intel";
        }
        if (svm) {
            return "sudo modprobe kvm_amd";
        }
        return "no vmx or svm: switch virtualisation on in the firmware (in a VM: nested), or take jkvm lab";
    }

    private String withoutPermission(String user) {
        boolean groupMay = mode.startsWith("rw", 3);
        return groupMay && !group.equals("root")
                ? "sudo usermod -aG %s %s, then log in again".formatted(group, user)
                : "sudo setfacl -m u:%s:rw %s".formatted(user, Kvm.DEVICE);
    }
}
