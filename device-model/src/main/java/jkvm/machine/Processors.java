package jkvm.machine;

import java.util.List;
import jkvm.machine.cpu.CpuModel;
import jkvm.machine.run.VcpuObserver;
import jkvm.vm.Vcpu;

/**
 * The machine's vCPUs as they were made.
 *
 * @param vcpus      by their number
 * @param msrIndices the model-specific registers that a state holds, as KVM lists them
 * @param model      their CPUID
 * @param observer   sees their exits
 */
record Processors(List<Vcpu> vcpus, int[] msrIndices, CpuModel model, VcpuObserver observer) {
}
