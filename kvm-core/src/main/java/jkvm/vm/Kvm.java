package jkvm.vm;

import jkvm.abi.KvmCap;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmMsrList;
import jkvm.abi.KvmMsrs;
import jkvm.linux.Errno;
import jkvm.linux.Fd;
import jkvm.linux.InterruptSignal;
import jkvm.linux.LinuxException;
import jkvm.linux.Syscalls;

/**
 * The system descriptor, {@code /dev/kvm}. Any thread may call.
 *
 * {@snippet :
 * // "kvm" opens the kernel's KVM, "soft" the one in Java; Kvm.open(new FfmSyscalls()) opens /dev/kvm itself
 * try (Kvm kvm = Accelerators.open("soft").openKvm()) {
 *     assert kvm.apiVersion() == Kvm.API_VERSION;
 *     assert kvm.checkExtension(KvmCap.USER_MEMORY) != 0;
 *     int mostVcpus = kvm.checkExtension(KvmCap.MAX_VCPUS);
 * }
 * }
 */
public final class Kvm implements AutoCloseable {
    /** The device that {@link #open(Syscalls)} opens. */
    public static final String DEVICE = "/dev/kvm";
    /** The only API version there is (KVM API 4.1). */
    public static final int API_VERSION = 12;

    private static final int MSR_LIST_GUESS = 256;
    private static final String IN_USE =
            "another hypervisor holds the processor's virtualisation";

    private final KvmFd fd;

    private Kvm(Fd fd) {
        this.fd = new KvmFd(fd, fd);
    }

    /**
     * Opens {@code /dev/kvm}.
     *
     * @throws KvmAccessException  if it is absent, not permitted or no KVM; the message says what to do.
     *                             {@link jkvm.soft.Accelerators} opens what there is
     * @throws KvmVersionException if it is no KVM of API version 12
     */
    public static Kvm open(Syscalls syscalls) {
        return open(syscalls, DEVICE);
    }

    static Kvm open(Syscalls syscalls, String device) {
        Fd fd;
        try {
            fd = Fd.open(syscalls, device, Fd.O_RDWR);
        } catch (LinuxException e) {
            throw new KvmAccessException("open " + device, e.errnoCode(), hint(e.errno()));
        }
        Kvm kvm = new Kvm(fd);
        try {
            int version = (int) kvm.fd.ioctl(KvmIoctl.GET_API_VERSION, 0);
            if (version != API_VERSION) {
                throw new KvmVersionException(device, version);
            }
            return kvm;
        } catch (LinuxException e) {
            fd.close();
            throw new KvmAccessException(e.call() + " on " + device, e.errnoCode(), hint(e.errno()));
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    private static String hint(Errno errno) {
        return switch (errno) {
            case ENOENT -> "load the module, modprobe kvm_intel or kvm_amd";
            case EACCES, EPERM -> "jkvm doctor shows the command that permits it";
            case ENODEV, ENXIO -> "the kvm module has no hardware support here";
            case EBUSY -> IN_USE;
            case ENOTTY, EINVAL ->
                    "this is not KVM's device; in a container: start it with --device /dev/kvm";
            default -> "jkvm doctor tells more";
        };
    }

    /** The value of a capability, zero if it is absent (KVM API 4.4). */
    public int checkExtension(KvmCap capability) {
        return fd.checkExtension(capability);
    }

    /** Bytes of memory that each vCPU shares with the kernel. */
    public int vcpuMmapSize() {
        return (int) fd.ioctl(KvmIoctl.GET_VCPU_MMAP_SIZE, 0);
    }

    /** KVM_GET_API_VERSION; always {@link #API_VERSION}. */
    public int apiVersion() {
        return (int) fd.ioctl(KvmIoctl.GET_API_VERSION, 0);
    }

    /** The CPUID leaves that a guest on this host can have (KVM API 4.46). Fit for {@link Vcpu#cpuid(KvmCpuid2)}. */
    public KvmCpuid2 supportedCpuid() {
        return CpuidReader.read(fd, KvmIoctl.GET_SUPPORTED_CPUID);
    }

    /** The CPUID features that KVM emulates though the host lacks them (KVM API 4.88). */
    public KvmCpuid2 emulatedCpuid() {
        return CpuidReader.read(fd, KvmIoctl.GET_EMULATED_CPUID);
    }

    /** The Hyper-V CPUID leaves that this KVM can show (KVM API 4.118). */
    public KvmCpuid2 hypervCpuid() {
        fd.require(KvmCap.SYS_HYPERV_CPUID);
        return CpuidReader.read(fd, KvmIoctl.GET_SUPPORTED_HV_CPUID);
    }

    /** The model-specific registers that a guest has and that KVM saves (KVM API 4.3). */
    public int[] msrIndexList() {
        return msrList(KvmIoctl.GET_MSR_INDEX_LIST);
    }

    /** The model-specific registers that describe the host's features (KVM API 4.3). */
    public int[] msrFeatureIndexList() {
        return msrList(KvmIoctl.GET_MSR_FEATURE_INDEX_LIST);
    }

    /** The values of registers of {@link #msrFeatureIndexList()} (KVM API 4.18), up to the first that has none. */
    public KvmMsrs featureMsrs(int... indices) {
        fd.require(KvmCap.GET_MSR_FEATURES);
        KvmMsrs msrs = KvmMsrs.of(indices);
        msrs.nmsrs((int) fd.ioctl(KvmIoctl.GET_MSRS, msrs));
        return msrs;
    }

    private int[] msrList(KvmIoctl request) {
        KvmMsrList list = new KvmMsrList(MSR_LIST_GUESS);
        long result = fd.tryIoctl(request, list);
        if (result == -Errno.E2BIG.code()) {
            list = new KvmMsrList(list.nmsrs());
            result = fd.tryIoctl(request, list);
        }
        if (Syscalls.isError(result)) {
            throw fd.failure(request, (int) -result);
        }
        int[] indices = new int[list.nmsrs()];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = list.index(i);
        }
        return indices;
    }

    /**
     * Issues a request that has no method of its own.
     *
     * @param argument an integer or the address of a struct
     */
    public long ioctl(KvmIoctl request, long argument) {
        return fd.ioctl(request, argument);
    }

    /** The system calls that this KVM was opened with. */
    public Syscalls syscalls() {
        return fd.fd().syscalls();
    }

    /**
     * Creates a VM without memory, vCPUs or interrupt controllers.
     *
     * @throws LinuxException if the host's limit is reached
     */
    public Vm createVm() {
        int mmapSize = vcpuMmapSize();
        InterruptSignal signal = new InterruptSignal(syscalls());
        long number;
        do {
            number = fd.tryIoctl(KvmIoctl.CREATE_VM, 0);
        } while (number == -Errno.EINTR.code());
        if (number == -Errno.EBUSY.code()) {
            throw new KvmAccessException(KvmIoctl.CREATE_VM.kernelName(), Errno.EBUSY.code(), IN_USE);
        }
        if (Syscalls.isError(number)) {
            throw fd.failure(KvmIoctl.CREATE_VM, (int) -number);
        }
        return new Vm(new Fd(syscalls(), (int) number, "KVM VM"), mmapSize, signal);
    }

    @Override
    public void close() {
        fd.close();
    }
}
