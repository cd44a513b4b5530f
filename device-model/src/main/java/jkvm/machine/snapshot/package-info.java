/**
 * A machine at a moment, in memory: {@link MachineSnapshot} holds one section for each part of the machine, by its
 * name, and the guest's memory ({@link RamImage}). {@link jkvm.machine.Machine#save()} makes one, {@link
 * jkvm.machine.Machine#load} restores it, also in another machine of the same configuration.
 *
 * <p>In it: vCPUs with their local APICs, interrupt controllers and interval timer, kvmclock and time stamp counters,
 * the machine's clock, each device with what it has taken and not yet given, RAM. Where time is counted in instructions
 * also the count, when each worker and each chip's timer is due, and how far the seeded random numbers are, so that a
 * machine continues bit by bit as the one that was saved, but that kvmclock's structures in memory are written anew. By
 * the host's time, as in KVM, the interval timer's counter 0 begins its period anew too, a local APIC's timer loses
 * what is less than a tick of its divided clock, and random numbers are others.
 *
 * <p>{@link jkvm.machine.MachineSnapshots} keeps states in disks, together with what the disks hold then.
 *
 * <p>Not in it, as they are the host's: what disks hold (a state fits the disk as it was then, and only the disk's size
 * is checked), the firmware's ROM, and whatever is in flight outside. A resumed guest can expect of these:
 * <ul>
 * <li>Bytes of a chardev: those that the device had taken and not yet given are in the state, each once. Those that the
 * host side had taken are gone to the host. Input that waits in the host side belongs to the machine that was saved.
 * <li>Frames: one that is half through a card is in the state. Frames that wait in a backend are lost, as on a wire.
 * <li>The user network begins anew: leases and addresses are the same, its TCP connections are closed. A
 * guest that continues one is answered with a reset, and connects again.
 * </ul>
 *
 * <p>A state is not trusted: one that is truncated, damaged or of another machine is refused with a
 * {@link jkvm.state.StateException}, and the machine is as it was. One whose content makes no sense but is well formed
 * does what a guest could have done itself.
 */
package jkvm.machine.snapshot;
