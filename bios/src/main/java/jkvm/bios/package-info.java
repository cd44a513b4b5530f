/**
 * The built-in BIOS: a small ROM whose interrupt handlers trap to services in Java. This package has the trap and the
 * table of services, and the interfaces of what services need; the services are in packages beside it, each with a
 * list of its functions.
 *
 * <p><b>A call.</b> The ROM's handler ({@code bios.S}, {@code frame.inc}) saves the caller's registers in a frame on
 * the caller's stack and writes SS and SP, 32 bits, to port 0x4A4C. The machine hands them to {@link jkvm.bios.Bios},
 * which finds the {@link jkvm.bios.Service} in the {@link jkvm.bios.ServiceTable} by number and AH, and lets it read
 * and change the frame through {@link jkvm.bios.Call}. No service touches the processor. Back in the ROM the answer
 * decides ({@link jkvm.bios.Outcome}): return to the caller, wait for an interrupt and ask anew, or call the guest's
 * code first.
 *
 * <p><b>Add a service.</b> Implement {@code Service}, put it into the table with {@link
 * jkvm.bios.ServiceTable#with(int, int, jkvm.bios.Service)}. A vector of the ROM for that interrupt is there if {@code
 * bios.S} has it: all of INT 10h to 1Ah, 40h and the hardware's. It gets what it needs in its constructor: {@link
 * jkvm.bios.Ports} and {@link jkvm.bios.PhysicalMemory} reach every device as the processor does, {@link
 * jkvm.work.VmClock} gives guest time, {@link jkvm.bios.Alarm} ends a wait early, and a {@link jkvm.bios.BootDisk} is
 * read without waiting.
 *
 * <p><b>Time.</b> A service that answers {@link jkvm.bios.Outcome#AGAIN} is asked anew after each interrupt: at the
 * latest at the next tick, 55 ms later, or when its alarm rings. {@link jkvm.bios.Call#isRepeated()} tells it from a
 * first call. Where the caller has masked the timer's interrupt the ROM asks without a halt.
 *
 * <p><b>State</b> lies in guest memory only, in the areas that {@link jkvm.bios.BiosData} lists. Host work that is
 * under way is no state: a service that is asked anew in another process begins it again.
 *
 * <p><b>A second ROM</b>, such as a display's at C0000h, includes {@code frame.inc} and defines the trap once, with
 * {@code service} for each of its vectors; its calls come to the same port and table. Under other firmware than this
 * one the port is there too, but not the private area, nor the timer's upkeep: such a ROM keeps its state in the BIOS
 * data area, and its services answer at once.
 *
 * <p>A hostile guest can call with any registers, any stack and at any time, and write to the port by itself: all of
 * it ends in accesses to its own memory, none of which throws. Addresses are those of real mode. A program in virtual
 * 8086 mode is served as long as its pages are where their addresses say.
 */
package jkvm.bios;
