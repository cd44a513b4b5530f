package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Set;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmIoctl;
import jkvm.linux.Errno;
import jkvm.linux.FaultySyscalls;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.LinuxException;
import jkvm.linux.SyscallNumber;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class KvmTest {
    @Test
    void shouldAskAgainWhenATableIsLongerThanGuessed() {
        FakeKvm fake = new FakeKvm();
        fake.kernel.failNextIoctl(KvmIoctl.GET_SUPPORTED_CPUID.number(), Errno.E2BIG)
                .failNextIoctl(KvmIoctl.GET_SUPPORTED_CPUID.number(), Errno.E2BIG);

        assertEquals(512, fake.kvm.supportedCpuid().nent());
    }

    @Test
    void shouldNotAskForEverWhenEveryTableIsTooShort() {
        FakeKvm fake = new FakeKvm().has(KvmCap.EXT_CPUID, 1);
        for (int i = 0; i < 20; i++) {
            fake.kernel.failNextIoctl(KvmIoctl.GET_SUPPORTED_CPUID.number(), Errno.E2BIG);
        }

        assertEquals(Errno.E2BIG, assertThrows(LinuxException.class, fake.kvm::supportedCpuid).errno());
    }

    @Test
    void shouldTryAgainWhenCreatingAVmIsInterrupted() {
        FakeKvm fake = new FakeKvm();
        fake.kernel.failNextIoctl(KvmIoctl.CREATE_VM.number(), Errno.EINTR);

        fake.kvm.createVm().close();

        assertEquals(3, fake.kernel.ioctls(KvmIoctl.CREATE_VM.number()));
    }

    @Test
    void shouldSayWhatToDoAtTheLimits() {
        FakeKvm fake = new FakeKvm().has(KvmCap.MAX_VCPUS, 8).has(KvmCap.MAX_VCPU_ID, 16);
        fake.kernel.failNextIoctl(KvmIoctl.CREATE_VM.number(), Errno.EMFILE)
                .failNextIoctl(KvmIoctl.CREATE_VCPU.number(), Errno.EINVAL)
                .failNextIoctl(KvmIoctl.CREATE_VCPU.number(), Errno.EEXIST)
                .failNextIoctl(KvmIoctl.CREATE_VCPU.number(), Errno.ENOMEM);

        assertEquals("KVM_CREATE_VM: EMFILE (too many open files); raise the limit of open files: ulimit -n",
                message(fake.kvm::createVm));
        assertEquals("KVM_CREATE_VCPU 9: EINVAL (invalid argument); this host allows 8 vCPUs, numbers below 16",
                message(() -> fake.vm.createVcpu(9)));
        assertEquals("KVM_CREATE_VCPU 0: EEXIST (file exists); the VM has a vCPU of this number",
                message(() -> fake.vm.createVcpu(0)));
        assertEquals("KVM_CREATE_VCPU: ENOMEM (cannot allocate memory); the host has no memory left for it",
                message(() -> fake.vm.createVcpu(1)));
    }

    @Test
    void shouldLeakNoDescriptorWhenAVcpuCannotBeMapped() {
        FakeKvm fake = new FakeKvm();
        int before = fake.kernel.openDescriptors().size();
        fake.kernel.failNext(SyscallNumber.MMAP, Errno.ENOMEM);

        assertEquals("mmap of 12288 bytes for kvm_run: ENOMEM (cannot allocate memory)",
                message(() -> fake.vm.createVcpu(1)));

        assertEquals(before, fake.kernel.openDescriptors().size());
        fake.vm.close();
        fake.kvm.close();
        assertEquals(Set.of(), fake.kernel.openDescriptors());
        assertEquals(List.of(), fake.kernel.wrongCloses());
    }

    @Test
    void shouldNameTheCapabilityThatAFailedRequestNeeds() {
        FakeKvm fake = new FakeKvm();
        fake.kernel.failNextIoctl(KvmIoctl.CREATE_PIT2.number(), Errno.ENOTTY)
                .failNextIoctl(KvmIoctl.ENABLE_CAP.number(), Errno.EINVAL);

        MissingCapabilityException e = assertThrows(MissingCapabilityException.class, fake.vm::createPit2);
        assertEquals(KvmCap.PIT2, e.capability());
        assertEquals("this KVM has no KVM_CAP_PIT2 (interval timer in the kernel)", e.getMessage());
        assertEquals(KvmCap.SPLIT_IRQCHIP, assertThrows(MissingCapabilityException.class,
                () -> fake.vm.interrupts().createSplitIrqchip(24)).capability());
    }

    @Test
    void shouldRefuseAnotherApiVersion() {
        FaultySyscalls kernel = FaultySyscalls.pretending()
                .onIoctl(KvmIoctl.GET_API_VERSION.number(), (fd, argument) -> 11);

        KvmVersionException e = assertThrows(KvmVersionException.class, () -> Kvm.open(kernel));

        assertEquals(11, e.version());

        assertEquals(Set.of(), kernel.openDescriptors());
    }

    private static String message(Executable action) {
        return assertThrows(LinuxException.class, action).getMessage();
    }

    @Test
    void shouldSayWhatToDoWhenTheDeviceIsAbsent() {
        KvmAccessException e = assertThrows(KvmAccessException.class,
                () -> Kvm.open(new FfmSyscalls(), "/dev/no-such-kvm"));

        assertEquals(Errno.ENOENT, e.errno());
        assertEquals("open /dev/no-such-kvm: ENOENT (no such file or directory); load the module,"
                + " modprobe kvm_intel or kvm_amd", e.getMessage());
    }

    @Test
    void shouldRefuseADeviceThatIsNoKvm() {
        LinuxException e = assertThrows(LinuxException.class, () -> Kvm.open(new FfmSyscalls(), "/dev/null"));

        assertEquals(Errno.ENOTTY, e.errno());
    }
}
