package jkvm.machine;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import jkvm.host.chardev.ChardevSpec;
import jkvm.soft.Accelerator;
import jkvm.soft.SoftOptions;
import jkvm.work.InstructionClock;

/**
 * A machine as the user asked for it: plain data, checked as far as that is possible without looking at the host.
 *
 * @param name          of the guest, empty if not given
 * @param accelerators  what may run it, the preferred first; empty for the fastest there is. For
 *                      {@link jkvm.soft.Accelerators#open(List, jkvm.linux.Syscalls, SoftOptions)}, whose system calls
 *                      {@link MachineBuilder} takes
 * @param compiles      whether the KVM in Java, where it is chosen, compiles hot guest code
 * @param memoryBytes   guest RAM, a multiple of 8 KiB
 * @param cpus          1 to 255
 * @param serials       the host sides of COM1 to COM4 in order, at most four; {@link ChardevSpec#isNone()} leaves the
 *                      port out. Two devices with equal specs share one chardev
 * @param debugConsoles debug output ports
 * @param debugExits    ports that end the process
 * @param testDevice    true if there is a pc-testdev
 * @param devices       devices on expansion buses, in the order of the command line
 * @param chardevs      all that {@code -chardev} named, used by a device or not
 * @param noReboot      a guest's reset ends the process
 * @param noShutdown    a guest's power-off stops the machine and keeps the process
 * @param pidFile       gets the process id, and is removed at the end
 * @param uuid          of the system, for SMBIOS
 * @param counting      time counted in instructions; for a machine with one CPU on the KVM in Java
 * @param seed          of the guest's random numbers; without, they are random, or those of seed 0 with
 *                      {@code counting}
 * @param warnings      what in it is of no use and may be a mistake, for the user to read
 */
public record MachineConfig(String name, MachineType type, List<Accelerator.Kind> accelerators, boolean compiles,
        long memoryBytes, int cpus, CpuConfig cpu, BootConfig boot, List<ChardevSpec> serials,
        List<DebugConsole> debugConsoles, List<DebugExit> debugExits, boolean testDevice, List<DeviceConfig> devices,
        List<ChardevSpec> chardevs, boolean noReboot, boolean noShutdown, Optional<Path> pidFile, Optional<UUID> uuid,
        RtcConfig rtc, Optional<CountingConfig> counting, OptionalLong seed, List<String> warnings) {

    /** QEMU's default. */
    public static final long DEFAULT_MEMORY_BYTES = 128L << 20;

    /** How many serial ports a PC has. */
    public static final int MAX_SERIALS = 4;

    /** The largest number of CPUs that 8-bit APIC ids leave room for. */
    public static final int MAX_CPUS = 255;

    public MachineConfig {
        accelerators = List.copyOf(accelerators);
        serials = List.copyOf(serials);
        debugConsoles = List.copyOf(debugConsoles);
        debugExits = List.copyOf(debugExits);
        devices = List.copyOf(devices);
        chardevs = List.copyOf(chardevs);
        warnings = List.copyOf(warnings);
    }

    /**
     * How the KVM in Java runs this machine, where it is chosen.
     *
     * @param clock as {@link MachineBuilder#clock} gets it; null for the host's time
     */
    public SoftOptions softOptions(InstructionClock clock) {
        return new SoftOptions(compiles, clock, guestSeed());
    }

    /** The seed of the guest's random numbers; empty where they are random. */
    OptionalLong guestSeed() {
        return seed.isEmpty() && counting.isPresent() ? OptionalLong.of(0) : seed;
    }

    /**
     * A port whose written bytes go to a chardev.
     *
     * @param port     I/O port, 0xe9 as a rule
     * @param readback the byte that reading the port gives
     * @param chardev  its host side
     */
    public record DebugConsole(int port, int readback, ChardevSpec chardev) {
    }

    /**
     * isa-debug-exit.
     *
     * @param port first I/O port
     * @param size number of ports
     */
    public record DebugExit(int port, int size) {
    }
}
