/**
 * The requests of the KVM API ({@code Documentation/virt/kvm/api.rst}, "KVM API") answered in Java.
 *
 * <p>{@link jkvm.soft.kvm.SoftKvm} stands where system calls go to the kernel. It hands out descriptors for
 * {@code /dev/kvm}, VMs and vCPUs, answers {@code ioctl(2)} on them, and passes all else on. Behind each descriptor is
 * an empty file in memory, so that its number is unique in the process and {@code mmap(2)} of a vCPU works by itself.
 *
 * <p>What is answered is what a Linux 6.1 kernel with an AMD processor answers, with the same meaning, limits and
 * errnos; a request that it does not have is refused as a KVM without it does.
 */
package jkvm.soft.kvm;
