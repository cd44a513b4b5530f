/**
 * One class per kind of KVM file descriptor ({@link Kvm}, {@link Vm}, {@link Vcpu}) and the
 * thread that runs a vCPU.
 *
 * <p>Ownership: a {@code Kvm} makes {@code Vm}s, a {@code Vm} makes and closes its {@code Vcpu}s. Closing a {@code Vm}
 * waits until none of its vCPUs is inside KVM_RUN. Closing twice does nothing; use after close throws
 * {@link java.lang.IllegalStateException}.
 *
 * <p>A VM's requests are spread over its parts: {@link VmInterrupts}, {@link VmIoEvents},
 * {@link VmDirtyLog}; a vCPU's state is in {@link VcpuRegisters}. A request that this kernel has not
 * throws {@link MissingCapabilityException}, which names the capability; what the kernel has but refuses throws
 * {@link jkvm.linux.LinuxException}.
 */
package jkvm.vm;
