/**
 * The kernel's KVM interface as it lies in memory: request numbers, capabilities, and one class per struct.
 *
 * <p>A struct class is a view of native memory ({@link KvmStruct}): {@code SIZE}, one {@code X_OFFSET} per
 * field, an accessor pair per field named as the kernel names it. Offsets are constants rather than layout paths
 * because building a var handle for each of some five hundred fields would cost more than starting a guest. Tests hold
 * each offset against the kernel's header. Source: include/uapi/linux/kvm.h, arch/x86/include/uapi/asm/kvm.h.
 */
package jkvm.abi;
