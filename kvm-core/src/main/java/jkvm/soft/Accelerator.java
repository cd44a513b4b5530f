package jkvm.soft;

import java.util.Optional;
import jkvm.linux.Syscalls;
import jkvm.vm.Kvm;

/**
 * A KVM to run guests on, opened by {@link Accelerators}.
 *
 * @param kind     which one it is
 * @param syscalls for all that uses it: {@link Kvm#open(Syscalls)}, a machine, a harness
 * @param reason   why the preferred ones were not opened, one line; empty if this one was the first choice
 */
public record Accelerator(Kind kind, Syscalls syscalls, String reason) {

    /** The accelerators that there are. */
    public enum Kind {
        /** The host's KVM, {@code /dev/kvm}. */
        KVM("kvm", "the host's KVM, /dev/kvm"),
        /** The KVM written in Java. Also known as {@code tcg}, QEMU's name for running without KVM. */
        SOFT("soft", "KVM in Java: needs no /dev/kvm and no privilege; also: tcg");

        private static final String QEMU_NAME = "tcg";
        private final String text;
        private final String description;

        Kind(String text, String description) {
            this.text = text;
            this.description = description;
        }

        /** Its name, as {@code -accel} takes it. */
        public String text() {
            return text;
        }

        /** A description, one line. */
        public String description() {
            return description;
        }

        /** The accelerator of a name: {@code kvm}, {@code soft} or {@code tcg}. */
        public static Optional<Kind> named(String name) {
            return switch (name) {
                case "kvm" -> Optional.of(KVM);
                case "soft", QEMU_NAME -> Optional.of(SOFT);
                default -> Optional.empty();
            };
        }
    }

    /** Opens its system descriptor. */
    public Kvm openKvm() {
        return Kvm.open(syscalls);
    }

    @Override
    public String toString() {
        return kind.text();
    }
}
