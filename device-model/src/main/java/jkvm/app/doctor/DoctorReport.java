package jkvm.app.doctor;

import java.util.List;
import jkvm.soft.Accelerator;

/**
 * The findings of {@code jkvm doctor}.
 *
 * @param kvm     null where {@code /dev/kvm} could not be opened
 * @param speed   of {@code /dev/kvm}; null where no guest ran
 * @param soft    the KVM in Java
 * @param choice  what runs a machine here if the command line does not say; null if nothing can
 * @param problem why {@code /dev/kvm} runs no guests, one line; null if it does
 * @param fix     what to do about it, one line; null if there is no problem
 */
record DoctorReport(Host host, DeviceFile device, KvmApi kvm, GuestSpeed speed, SoftKvm soft, Accelerator.Kind choice,
        JavaRuntime java, String problem, String fix) {

    boolean canRunGuests() {
        return problem == null || soft.problem() == null;
    }

    /**
     * @param speed   null where no guest ran
     * @param problem why it runs no guests, one line; null if it does
     */
    record SoftKvm(GuestSpeed speed, String problem) {
    }

    /**
     * @param processor the model's name
     * @param vmx       Intel's virtualisation is offered
     * @param svm       AMD's virtualisation is offered
     * @param kernel    its release
     * @param modules   names of KVM's modules, loaded or built in
     */
    record Host(String processor, boolean vmx, boolean svm, String kernel, List<String> modules) {
    }

    /** @param mode as {@code ls -l} shows it, without the type; empty with owner and group where the file is absent */
    record DeviceFile(String path, boolean present, String owner, String group, String mode) {
    }

    record KvmApi(int version, List<Capability> capabilities) {
    }

    /** @param value as KVM_CHECK_EXTENSION answers; zero if it is absent */
    record Capability(String name, int number, int value, String use) {
    }

    /**
     * @param nativeAccess {@code jkvm.core} may make native calls
     * @param aotCache     the AOT cache that this process runs with, empty if none
     * @param flags        the JVM's options on the command line
     */
    record JavaRuntime(String version, String vm, String home, boolean nativeAccess, String aotCache,
            List<String> flags) {
    }
}
