package jkvm.app.doctor;

import java.util.Locale;

/** The report for people. */
final class DoctorText {
    private static final double NANOS_PER_MICRO = 1000;
    private final StringBuilder text = new StringBuilder();

    private DoctorText() {
    }

    static String of(DoctorReport report) {
        DoctorText result = new DoctorText();
        result.host(report.host());
        result.device(report);
        if (report.speed() != null) {
            result.speed("-accel kvm", execution(report.speed()), report.speed());
        }
        if (report.soft().speed() != null) {
            result.speed("-accel soft", "run on the KVM in Java", report.soft().speed());
        }
        result.java(report.java());
        if (report.kvm() != null) {
            result.capabilities(report.kvm());
        }
        result.verdict(report);
        return result.text.toString();
    }

    private void host(DoctorReport.Host host) {
        line("processor", "%s; vmx (Intel): %s, svm (AMD): %s".formatted(host.processor(), yes(host.vmx()),
                yes(host.svm())));
        line("kernel", "Linux " + host.kernel());
        line("modules", host.modules().isEmpty() ? "no kvm module is loaded" : String.join(", ", host.modules()));
    }

    private void device(DoctorReport report) {
        DoctorReport.DeviceFile device = report.device();
        String state = report.kvm() != null ? "opens" : "does not open";
        line(device.path(), device.present()
                ? "%s %s %s, %s".formatted(device.mode(), device.owner(), device.group(), state) : "absent");
        if (report.kvm() != null) {
            line("API version", Integer.toString(report.kvm().version()));
        }
    }

    private static String execution(GuestSpeed speed) {
        return speed.isHardware() ? "run on hardware" : "are emulated by the kernel, instruction by instruction";
    }

    private void speed(String accelerator, String execution, GuestSpeed speed) {
        line(accelerator, format("guests %s: %.1f million instructions per second", execution,
                speed.instructionsPerSecond() / 1e6));
        line("", format("one exit: median %.2f us, mean %.2f us (a port write, %d times)",
                speed.medianExitNanos() / NANOS_PER_MICRO, speed.meanExitNanos() / NANOS_PER_MICRO, speed.exits()));
    }

    private void java(DoctorReport.JavaRuntime java) {
        line("java", "%s, %s, %s".formatted(java.version(), java.vm(), java.home()));
        line("native access", java.nativeAccess() ? "granted to jkvm.core"
                : "not granted: start java with --enable-native-access=jkvm.core, or use ./jkvm");
        line("AOT cache", java.aotCache().isEmpty() ? "not in use: the JVM starts slower" : java.aotCache());
        line("JVM flags", String.join(" ", java.flags()));
    }

    private void capabilities(DoctorReport.KvmApi kvm) {
        text.append("capabilities  value, name, what for (- is absent)\n");
        int width = kvm.capabilities().stream().mapToInt(capability -> capability.name().length()).max().orElse(1);
        for (DoctorReport.Capability capability : kvm.capabilities()) {
            String value = capability.value() == 0 ? "-" : Integer.toString(capability.value());
            text.append(format("%12s  %-" + width + "s  %s\n", value, capability.name(), capability.use()));
        }
    }

    private void verdict(DoctorReport report) {
        if (report.choice() != null) {
            text.append("Guests can run here; without -accel, machines run on -accel ").append(report.choice().text())
                    .append(".\n");
        } else if (!report.canRunGuests()) {
            text.append("Guests cannot run here: ").append(report.soft().problem()).append('\n');
        }
        if (report.problem() != null) {
            text.append("/dev/kvm runs no guests: ").append(report.problem()).append('\n');
            text.append("What would help: ").append(report.fix()).append('\n');
        }
    }

    private void line(String name, String value) {
        text.append(format("%-13s %s\n", name, value));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    private static String yes(boolean value) {
        return value ? "yes" : "no";
    }
}
