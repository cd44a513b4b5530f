/**
 * The interrupt controllers of a PC inside KVM. They know no vCPU: what they ask of one is
 * {@link jkvm.soft.irqchip.VcpuInterrupts}.
 */
package jkvm.soft.irqchip;
