/**
 * The KVM API in Java: system calls, kernel structs, VMs, vCPUs and guest memory. Knows no device. The inside of the
 * KVM in Java is exported to nobody: {@code Accelerators} opens it, {@code jkvm.soft.observe} shows its inside.
 */
@SuppressWarnings("module")
module jkvm.core {
    exports jkvm.abi;
    exports jkvm.disassembler;
    exports jkvm.inspect;
    exports jkvm.linux;
    exports jkvm.memory;
    exports jkvm.soft;
    exports jkvm.soft.observe;
    exports jkvm.state;
    exports jkvm.vm;
    exports jkvm.work;

    exports jkvm.conformance to jkvm.devices;
}
