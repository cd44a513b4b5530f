package jkvm.app.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jkvm.abi.KvmCap;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.vm.Kvm;

/** Finds out what guests can run on here, how fast, and what would help where {@code /dev/kvm} cannot be used. */
final class Doctor {
    private final Syscalls syscalls;
    private final HostFacts facts;
    private final String user;

    /**
     * @param root the root of the file tree, {@code /} but in tests
     * @param user the name of who runs this, for commands that grant access
     */
    Doctor(Syscalls syscalls, Path root, String user) {
        this.syscalls = syscalls;
        this.facts = new HostFacts(root);
        this.user = user;
    }

    /** Examines the host; takes about two seconds. */
    DoctorReport examine() {
        DoctorReport.Host host = facts.host();
        DoctorReport.DeviceFile device = facts.device();
        DoctorReport.JavaRuntime java = facts.java();
        DoctorReport.KvmApi api = null;
        GuestSpeed speed = null;
        String problem = null;
        String fix = null;
        try (Kvm kvm = Kvm.open(syscalls)) {
            api = new DoctorReport.KvmApi(Kvm.API_VERSION, capabilities(kvm));
            speed = GuestSpeed.measure(kvm);
        } catch (LinuxException e) {
            problem = e.call() + ": " + e.errno() + " (" + e.errno().text() + ")";
            fix = api == null ? facts.kvm().advice(e.errno(), user) : "see the kernel's log: sudo dmesg | grep -i kvm";
        } catch (RuntimeException e) {
            problem = e.getMessage();
            fix = "this KVM cannot be used; -accel soft does without, jkvm lab brings one of its own";
        }
        DoctorReport.SoftKvm soft = soft();
        return new DoctorReport(host, device, api, speed, soft, choice(problem == null, soft), java, problem, fix);
    }

    private DoctorReport.SoftKvm soft() {
        try (Kvm kvm = Accelerators.open(List.of(Accelerator.Kind.SOFT), syscalls).openKvm()) {
            return new DoctorReport.SoftKvm(GuestSpeed.measureWarm(kvm), null);
        } catch (RuntimeException e) {
            return new DoctorReport.SoftKvm(null, e.getMessage());
        }
    }

    private Accelerator.Kind choice(boolean isKvmUsable, DoctorReport.SoftKvm soft) {
        if (isKvmUsable && Accelerators.openFastest(syscalls).kind() == Accelerator.Kind.KVM) {
            return Accelerator.Kind.KVM;
        }
        return soft.problem() == null ? Accelerator.Kind.SOFT : null;
    }

    private static List<DoctorReport.Capability> capabilities(Kvm kvm) {
        List<DoctorReport.Capability> result = new ArrayList<>();
        for (KvmCap cap : KvmCap.values()) {
            result.add(new DoctorReport.Capability(cap.kernelName(), cap.number(), kvm.checkExtension(cap), cap.use()));
        }
        return List.copyOf(result);
    }
}
