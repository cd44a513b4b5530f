package jkvm.examples;

import jkvm.abi.KvmCap;
import jkvm.soft.Accelerator;
import jkvm.vm.Kvm;
import jkvm.vm.Vm;

/**
 * Lesson 1: what is KVM? A device file, /dev/kvm, and a set of requests (ioctls) on it. Opening it gives a descriptor
 * that stands for the whole of KVM; a request on that gives a descriptor that stands for one virtual machine; and a
 * request on that one gives a virtual CPU. This lesson opens the first two and asks the kernel what it can do.
 */
public final class Lesson01OpenKvm {
    private Lesson01OpenKvm() {
    }

    public static void main(String[] args) {
        // An accelerator is a KVM to talk to: the kernel's, where /dev/kvm can be used, else one that is written in
        // Java and answers the same requests. The lesson's argument may name one: kvm or soft.
        Accelerator accelerator = LessonAccelerator.open(args);
        System.out.println(accelerator.kind().description());

        // Each descriptor is closed when its block ends, in the reverse order.
        try (Kvm kvm = accelerator.openKvm()) {
            // The version has been 12 since 2007 and will stay so: Kvm.open refused anything else.
            // Features that are newer are found by asking for capabilities.
            System.out.println("KVM API version " + kvm.apiVersion());

            try (Vm vm = kvm.createVm()) {
                System.out.println("created a VM: no memory, no CPU, no device yet");

                // Zero means absent. Others answer 1, a limit, or a set of bits. A VM is asked rather than the system:
                // a few answers depend on what kind of VM it is.
                int present = 0;
                for (KvmCap capability : KvmCap.values()) {
                    int value = vm.checkExtension(capability);
                    if (value != 0) {
                        present++;
                        System.out.printf("%-32s %10d  %s%n", capability.kernelName(), value, capability.use());
                    }
                }
                System.out.printf("%d of %d capabilities%n", present, KvmCap.values().length);
            }
        }
    }
}
