/**
 * The small devices of a PC board.
 *
 * <p>Emulated: the keyboard controller with a keyboard of three scan code sets, and a mouse with three buttons, which
 * a driver turns into one with a wheel or with five buttons ({@link I8042}; Intel UPI-41/42 "8042" and the IBM PS/2
 * technical reference), the clock with its CMOS memory ({@link Rtc}; Motorola MC146818A data sheet), the fixed
 * hardware of ACPI ({@link AcpiPm}; ACPI 6.5 section 4.8), the high precision event timer where there is one
 * ({@link Hpet}), reset and power ports ({@link ResetControl}, {@link Port92}, {@link BochsShutdown}), ports to print
 * to ({@link PostPort}, {@link DebugConsole}), the ISA bus's DMA controllers without memory-to-memory transfers and
 * their timings ({@link DmaController}; Intel 8237A data sheet), firmware configuration ({@link FwCfg}; QEMU
 * docs/specs/fw_cfg), the VM generation ID ({@link VmGenerationId}; QEMU docs/specs/vmgenid); and the memory that
 * firmware is shadowed in ({@link ShadowMemory}; Intel 82441FX data sheet). Not emulated: the A20 gate's effect on
 * addresses (it reads back as set, memory never wraps), the NMI mask of port 0x70, system management mode, sleep
 * states other than S3 to S5, effects of the mouse's resolution and 2:1 scaling, fake shifts of navigation keys under
 * Num Lock, daylight saving of the clock. The timer chip, its gate and speaker at port 0x61, and the interrupt
 * controllers are the kernel's.
 *
 * <p>A hostile guest sends commands without fetching the answers (each queue is a few bytes, a new command drops old
 * answers), sets dates that do not exist (they are folded into ones that do), asks for 8192 interrupts a second (one
 * pending at most, none until register C is read) or more by the event timer (50,000 a second at most), selects fw_cfg
 * items that do not exist or reads on past their end (zeroes), points fw_cfg's DMA outside of RAM (the error bit, or
 * nothing), places the generation ID outside of RAM (it is nowhere then), and asks for resets in a loop (the machine
 * acts on one). Through DMA it also writes to RAM that it has write-protected below 1 MiB: its own memory.
 *
 * <p>Any thread may call. Each device has one lock, its monitor, held while interrupt lines, timers and
 * {@link jkvm.bus.MachineControl} are called.
 */
package jkvm.device.platform;
