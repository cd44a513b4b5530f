/**
 * One class per kind of KVM file descriptor ({@link jkvm.vm.Kvm}, {@link jkvm.vm.Vm}, {@link jkvm.vm.Vcpu}) and the
 * thread that runs a vCPU.
 *
 * <p>Ownership: a {@code Kvm} makes {@code Vm}s, a {@code Vm} makes and closes its {@code Vcpu}s. Closing a {@code Vm}
 * waits until none of its vCPUs is inside KVM_RUN. Closing twice does nothing; use after close throws
 * {@link java.lang.IllegalStateException}.
 *
 * <p>A VM's requests are spread over its parts: {@link jkvm.vm.VmInterrupts}, {@link jkvm.vm.VmIoEvents},
 * {@link jkvm.vm.VmDirtyLog}; a vCPU's state is in {@link jkvm.vm.VcpuRegisters}. A request that this kernel has not
 * throws {@link jkvm.vm.MissingCapabilityException}, which names the capability; what the kernel has but refuses throws
 * {@link jkvm.linux.LinuxException}.
 */
package jkvm.vm;
