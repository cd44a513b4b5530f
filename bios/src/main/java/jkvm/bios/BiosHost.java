package jkvm.bios;

import jkvm.memory.GuestMemory;
import jkvm.tables.PlatformDescription;
import jkvm.work.VmClock;

/**
 * A machine as its BIOS needs it.
 *
 * @param ram           the guest's RAM, for the BIOS's own data and its tables
 * @param memory        memory as the processor reaches it, for what callers name by addresses
 * @param ports         the devices' registers
 * @param clock         guest time
 * @param alarm         ends a wait
 * @param platform      what the tables say
 * @param serialConsole true if the first serial port is the user's screen and keyboard
 */
public record BiosHost(GuestMemory ram, PhysicalMemory memory, Ports ports, VmClock clock, Alarm alarm,
        PlatformDescription platform, boolean serialConsole) {
}
