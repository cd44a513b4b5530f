/**
 * What guests run on. {@link jkvm.soft.Accelerators} opens the host's KVM or the one that is written in Java; both are
 * used through {@link jkvm.vm.Kvm}, which cannot tell them apart. The packages below are the one in Java: begin with
 * {@code jkvm.soft.kvm}, whose {@code RunLoop} is what happens at KVM_RUN, then {@code jkvm.soft.cpu} and its
 * {@code Interpreter}, {@code jkvm.soft.mmu} and its {@code PageWalker}, {@code jkvm.soft.irqchip}.
 */
package jkvm.soft;
