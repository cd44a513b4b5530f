package jkvm.cli;

import java.util.List;

/**
 * What {@code jkvm doctor} found.
 *
 * @param kvm     null where {@code /dev/kvm} could not be opened
 * @param speed   null where no guest ran
 * @param problem why guests cannot run, one line; null if they can
 * @param fix     what to do about it, one line; null if they can
 */
record DoctorReport(Host host, DeviceFile device, KvmApi kvm, GuestSpeed speed, JavaRuntime java, String problem,
        String fix) {

    boolean canRunGuests() {
        return problem == null;
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
