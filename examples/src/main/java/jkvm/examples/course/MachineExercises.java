package jkvm.examples.course;

import java.util.List;
import jkvm.abi.KvmIoctl;

/** The exercises of the lessons that make a virtual machine and change its mode. */
final class MachineExercises {
    static final List<Exercise> OPEN_KVM = List.of(
            Exercise.of("print how much memory a vCPU shares with the kernel")
                    .shows("^a vCPU shares \\d{4,} bytes$",
                            "there is no line \"a vCPU shares N bytes\"; kvm.vcpuMmapSize() tells N"),
            Exercise.of("list only the capabilities that answer more than 1")
                    .hides("^KVM_CAP_\\w+ +1 ", "the list still has capabilities that answer 1")
                    .shows("^KVM_CAP_\\w+ +\\d{2,} ", "the list lacks capabilities that answer more than 1"),
            Exercise.of("create two vCPUs")
                    .asks(KvmIoctl.CREATE_VCPU, 2, "the VM has fewer than two vCPUs: vm.createVcpu(0), then another"));

    static final List<Exercise> PORT_WRITE = List.of(
            Exercise.of("make the guest write 7")
                    .shows("the guest writes '7'", "no '7' comes from the guest: it writes the sum of AL and BL"),
            Exercise.of("print AL when the guest halts")
                    .shows("^AL is 0x35$", "there is no line \"AL is 0x35\" after the halt; read vcpu.regs().rax()"),
            Exercise.of("run the program twice in one VM, the second time with 4 and 5")
                    .asksAtMost(KvmIoctl.CREATE_VM, 1, "there are two VMs; set the registers of the same vCPU again")
                    .shows("'5'", "the first run no longer writes '5'")
                    .shows("'9'", "no '9' comes from a second run: set RIP back to PROGRAM, AL to 4, BL to 5"));

    static final List<Exercise> PROTECTED_MODE = List.of(
            Exercise.of("print the base of CS before and after the run")
                    .shows("^CS base f0000$", "there is no line \"CS base f0000\"; read harness.vcpu().sregs().cs()")
                    .shows("^CS base 0$", "there is no line \"CS base 0\": print it after the run, too"),
            Exercise.of("count the bytes that the guest sends")
                    .shows("^the guest sent 26 bytes$",
                            "there is no line \"the guest sent 26 bytes\": override outb of the console and count"),
            Exercise.of("change the guest's text before it starts, without an assembler")
                    .shows("^HELLO from protected mode$",
                            "the guest does not say \"HELLO from protected mode\": change these bytes of the image"));

    static final List<Exercise> LONG_MODE = List.of(
            Exercise.of("translate an address inside the large page")
                    .shows("virtual 0x40001234 is physical 0x201234",
                            "there is no line \"KVM says: virtual 0x40001234 is physical 0x201234\""),
            Exercise.of("ask for an address that is not mapped")
                    .shows("^virtual 0x80000000 is not mapped$",
                            "there is no line \"virtual 0x80000000 is not mapped\"; KvmTranslation.isValid() tells"),
            Exercise.of("move the mapping to 4 MiB from the host, after the run")
                    .shows("virtual 0x40000000 is physical 0x400000",
                            "1 GiB still leads to 2 MiB: write 0x400083 to the table entry at 0x13000, then ask KVM"));

    private MachineExercises() {
    }
}
