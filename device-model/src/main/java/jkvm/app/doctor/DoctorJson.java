package jkvm.app.doctor;

import jkvm.json.JsonWriter;

/** The report for programs. */
final class DoctorJson {
    private final JsonWriter json = new JsonWriter();

    private DoctorJson() {
    }

    static String of(DoctorReport report) {
        DoctorJson result = new DoctorJson();
        result.write(report);
        return result.json.document();
    }

    private void write(DoctorReport report) {
        json.begin('{');
        json.member("guestsCanRun", report.canRunGuests());
        json.member("problem", report.problem());
        json.member("fix", report.fix());
        host(report);
        if (report.kvm() == null) {
            json.nullMember("apiVersion").nullMember("capabilities");
        } else {
            capabilities(report.kvm());
        }
        if (report.speed() == null) {
            json.nullMember("execution").nullMember("exit");
        } else {
            speed(report.speed());
        }
        accelerators(report);
        java(report.java());
        json.end('}');
    }

    private void host(DoctorReport report) {
        DoctorReport.Host host = report.host();
        json.begin("processor", '{').member("model", host.processor()).member("vmx", host.vmx())
                .member("svm", host.svm()).end('}');
        json.member("kernel", host.kernel());
        json.begin("modules", '[');
        host.modules().forEach(json::element);
        json.end(']');
        DoctorReport.DeviceFile device = report.device();
        json.begin("device", '{').member("path", device.path()).member("present", device.present())
                .member("opens", report.kvm() != null).member("mode", device.mode()).member("owner", device.owner())
                .member("group", device.group()).end('}');
    }

    private void capabilities(DoctorReport.KvmApi kvm) {
        json.member("apiVersion", kvm.version());
        json.begin("capabilities", '[');
        for (DoctorReport.Capability capability : kvm.capabilities()) {
            json.begin('{').member("name", capability.name()).member("number", capability.number())
                    .member("value", capability.value()).member("use", capability.use()).end('}');
        }
        json.end(']');
    }

    private void accelerators(DoctorReport report) {
        json.member("defaultAccelerator", report.choice() == null ? null : report.choice().text());
        json.begin("accelerators", '[');
        accelerator("kvm", report.problem(), report.speed());
        accelerator("soft", report.soft().problem(), report.soft().speed());
        json.end(']');
    }

    private void accelerator(String name, String problem, GuestSpeed speed) {
        json.begin('{').member("name", name).member("usable", problem == null).member("problem", problem);
        if (speed == null) {
            json.nullMember("execution").nullMember("exit");
        } else {
            speed(speed);
        }
        json.end('}');
    }

    private void speed(GuestSpeed speed) {
        json.begin("execution", '{').member("hardware", speed.isHardware())
                .member("instructionsPerSecond", Math.round(speed.instructionsPerSecond())).end('}');
        json.begin("exit", '{').member("medianNanoseconds", Math.round(speed.medianExitNanos()))
                .member("meanNanoseconds", Math.round(speed.meanExitNanos())).member("count", speed.exits()).end('}');
    }

    private void java(DoctorReport.JavaRuntime java) {
        json.begin("java", '{').member("version", java.version()).member("vm", java.vm()).member("home", java.home())
                .member("nativeAccess", java.nativeAccess())
                .member("aotCache", java.aotCache().isEmpty() ? null : java.aotCache());
        json.begin("flags", '[');
        java.flags().forEach(json::element);
        json.end(']').end('}');
    }
}
