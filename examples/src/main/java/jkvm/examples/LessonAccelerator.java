package jkvm.examples;

import java.util.function.UnaryOperator;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.vm.KvmVersionException;

/**
 * Opens the KVM that a lesson's first argument names, {@code kvm} or {@code soft}; without one, the kernel's if it is
 * usable.
 */
public final class LessonAccelerator {
    /** While it is bound, the lessons' system calls go through it: so a check sees what a lesson asks of KVM. */
    public static final ScopedValue<UnaryOperator<Syscalls>> WATCH = ScopedValue.newInstance();

    private LessonAccelerator() {
    }

    /** A name that is wrong, or cannot be used here, ends the lesson with a line that says why. */
    public static Accelerator open(String[] arguments) {
        try {
            Accelerator opened = Accelerators.open(arguments.length == 0 ? Accelerators.KVM_OR_SOFT : arguments[0]);
            Syscalls watched = WATCH.orElse(UnaryOperator.identity()).apply(opened.syscalls());
            return new Accelerator(opened.kind(), watched, opened.reason());
        } catch (IllegalArgumentException | KvmVersionException | LinuxException e) {
            System.err.println("jkvm: " + e.getMessage());
            System.exit(1);
            throw e;
        }
    }
}
