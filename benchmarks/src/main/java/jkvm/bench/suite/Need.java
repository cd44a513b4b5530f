package jkvm.bench.suite;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Something of the host that a part cannot do without. */
public enum Need {
    QEMU("QEMU", "qemu-system-x86_64 is not installed"),
    QEMU_IMG("qemu-img", "qemu-img is not installed"),
    C_COMPILER("C", "no C compiler: cc is not installed"),
    BUSYBOX("busybox", "busybox is not installed; a Linux guest needs a static one"),
    KVM("/dev/kvm", "no native KVM: /dev/kvm cannot be used here"),
    SOFT("the KVM in Java", "not among those that -accel chose");

    private final String title;
    private final String reason;

    Need(String title, String reason) {
        this.title = title;
        this.reason = reason;
    }

    /** What it is called in a table. */
    public String title() {
        return title;
    }

    /**
     * Why it is missing; empty where it is there.
     *
     * @param effort says which accelerators are used
     */
    public Optional<String> missing(Effort effort) {
        boolean isThere = switch (this) {
            case QEMU -> find("qemu-system-x86_64").isPresent();
            case QEMU_IMG -> find("qemu-img").isPresent();
            case C_COMPILER -> find("cc").isPresent();
            case BUSYBOX -> find("busybox").isPresent();
            case KVM -> effort.accelerators().contains("kvm");
            case SOFT -> effort.accelerators().contains("soft");
        };
        return isThere ? Optional.empty() : Optional.of(reason);
    }

    /** A program of the host's, by PATH. */
    public static Optional<Path> find(String program) {
        String path = System.getenv("PATH");
        for (String folder : path == null ? new String[0] : path.split(File.pathSeparator)) {
            Path file = Path.of(folder, program);
            if (Files.isExecutable(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }
}
