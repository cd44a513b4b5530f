/**
 * The KVMs that guests run on. {@link Accelerators} opens the host's KVM or the one that is written in Java;
 * {@link jkvm.vm.Kvm} uses both in the same manner. The packages below are the one in Java. To learn how a KVM
 * works, begin with these classes:
 * <ul>
 * <li>{@code jkvm.soft.kvm.RunLoop}: KVM_RUN, from the completion of the last exit to the next one.</li>
 * <li>{@code jkvm.soft.cpu.Interpreter}: the execution of instructions. {@code jkvm.soft.cpu.Delivery} and its
 * {@code Gates}: an interrupt or exception enters the guest's handler.</li>
 * <li>{@code jkvm.soft.mmu.PageWalker}: the walk through the guest's page tables.</li>
 * <li>{@code jkvm.soft.irqchip.Lapic}: an interrupt waits for its priority, is acknowledged and ends. The package's
 * documentation tells how it gets there from a device's line.</li>
 * </ul>
 * {@code jkvm.soft.fpu} computes for x87, MMX and SSE, {@code jkvm.soft.jit} compiles hot code, and
 * {@link jkvm.soft.observe.SoftObserver} shows all of this while a guest runs.
 */
package jkvm.soft;
