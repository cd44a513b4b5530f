/** The KVM API in Java: system calls, kernel structs, VMs, vCPUs and guest memory. Knows no device. */
module jkvm.core {
    exports jkvm.linux;
    exports jkvm.abi;
    exports jkvm.work;
    exports jkvm.state;
    exports jkvm.inspect;
    exports jkvm.vm;
    exports jkvm.memory;
    exports jkvm.soft;
    exports jkvm.conformance;
    exports jkvm.soft.observe;
}
