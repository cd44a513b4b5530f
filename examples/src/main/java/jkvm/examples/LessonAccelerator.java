package jkvm.examples;

import jkvm.linux.LinuxException;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.vm.KvmVersionException;

/**
 * Opens the KVM that a lesson's arguments name, {@code kvm} or {@code soft}; without one, the kernel's if it is usable.
 */
final class LessonAccelerator {
    private LessonAccelerator() {
    }

    /** A name that is wrong, or cannot be used here, ends the lesson with a line that says why. */
    static Accelerator open(String[] names) {
        try {
            return Accelerators.open(names);
        } catch (IllegalArgumentException | KvmVersionException | LinuxException e) {
            System.err.println("jkvm: " + e.getMessage());
            System.exit(1);
            throw e;
        }
    }
}
