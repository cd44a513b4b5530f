/**
 * The machine: builds a guest from its configuration, runs its vCPUs, and resets or ends it.
 *
 * <p>Threads: one per vCPU, one for the clock's timers, those of the character devices, and the one that called
 * {@link Machine#run()}, which alone resets and ends the machine. Lock order: a device's lock, then a
 * shared interrupt line's, then that of the machine's requests and a vCPU thread's.
 */
package jkvm.machine;
