/**
 * The interrupt controllers that KVM has in the kernel, in Java: the two 8259A of a PC, the IOAPIC, a local APIC for
 * each vCPU, the 8254 interval timer. Sources: Intel SDM volume 3 chapter 11, the chips' data sheets, and what KVM
 * makes of them. Knows no processor and no KVM request; interfaces here say what it needs of both.
 *
 * <p>How a device's interrupt travels. The device sets a line, named by its GSI
 * ({@link IrqChips#setLine}), or signals an event ({@link IrqFds}), on any thread.
 * The routing table says where the GSI leads: to a pin of the PIC and one of the IOAPIC at the same time, of which the
 * guest has masked one, or to a message. The PIC remembers the request, compares priorities and raises its INTR line,
 * which a local APIC listens to at LINT0. The IOAPIC makes a message of the pin's redirection entry. A message names
 * its destinations, by their physical ids or by bits of logical ones; each local APIC that accepts it sets the vector's
 * bit in its request register. There the request waits until the vector's upper four bits are above the processor's
 * priority: {@link Lapic#hasInterrupt()} becomes true and
 * {@link VcpuSignals#attention()} wakes the vCPU. At the next instruction boundary where the guest
 * permits interrupts the vCPU calls {@link Lapic#acknowledge()}, which moves the bit from the request
 * to the in-service register, and jumps through the guest's descriptor table. When the guest has served the device it
 * writes the end-of-interrupt register; the bit leaves the in-service register, lower interrupts may come, and if the
 * interrupt was level-triggered the IOAPIC looks at the line again. Listeners hear of the end too: a resample event,
 * the interval timer for its next late tick, or user space's IOAPIC.
 *
 * <p>Interprocessor interrupts begin at the interrupt command register as the same kind of message. The timers' clock
 * is {@link Timers}.
 *
 * <p>Threads: one lock for the chips of a VM, taken by every public method but the few that say otherwise. Nothing that
 * a guest programs makes the work of one call grow: periods of timers have a lower bound, and a level-triggered line
 * that is never served is slowed down.
 */
package jkvm.soft.irqchip;
