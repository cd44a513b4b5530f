/**
 * The requests of the KVM API ({@code Documentation/virt/kvm/api.rst}, "KVM API") answered in Java.
 *
 * <p>{@link SoftKvm} takes the place of the kernel for system calls. It hands out descriptors for
 * {@code /dev/kvm}, VMs and vCPUs, answers {@code ioctl(2)} on them, and passes all else on. Each descriptor belongs to
 * an empty file in memory, so that its number is unique in the process and {@code mmap(2)} of a vCPU works by itself.
 *
 * <p>KVM_RUN is {@code RunLoop}. One call takes these steps:
 * <ol>
 * <li>It takes over the registers that user space has changed in the shared page ({@code RunPage}).</li>
 * <li>It completes the last exit: {@code VcpuBus} and {@code VcpuHost} hold user space's answer to the memory or port
 * access, and the instruction is executed again.</li>
 * <li>{@code EventInjector} delivers exceptions, NMIs and interrupts ({@code PendingEvents}) that the guest can take
 * now.</li>
 * <li>The guest runs ({@link jkvm.soft.cpu.Processor}) until an instruction exits or attention is requested; a halted
 * vCPU sleeps. Then it looks for events again.</li>
 * <li>An exit for user space is written into the shared page, and the call returns.</li>
 * </ol>
 *
 * <p>The answers are those of a Linux 6.1 kernel with an AMD processor, with the same meaning, limits and errnos; a
 * request that it does not have is refused as a KVM without it does. There is no system management mode, and so one
 * address space only. {@link jkvm.conformance} keeps a table of where else the answers differ, and why.
 */
package jkvm.soft.kvm;
