package jkvm.machine.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import jkvm.device.board.Property;
import jkvm.device.serial.IsaSerialType;
import jkvm.host.chardev.ChardevSpec;
import jkvm.machine.MachineBuilder;
import jkvm.soft.Accelerator;
import jkvm.soft.SoftOptions;
import jkvm.tables.AcpiSettings;
import jkvm.work.InstructionClock;

/**
 * A machine as the user asks for it: plain data, checked as far as that is possible without looking at the host. The
 * command line, lessons and tests make it with a {@link Builder}:
 *
 * {@snippet :
 * MachineConfig config = MachineConfig.builder()
 *         .memory(64 << 20)
 *         .kernel(Path.of("vmlinuz"))
 *         .commandLine("console=ttyS0")
 *         .serial(new ChardevSpec("serial0", new ChardevSpec.Stdio(true), false))
 *         .device(DeviceConfig.of(IsaDebugExitType.TYPE).with(IsaDebugExitType.PORT, 0xf4))
 *         .build();
 * assert config.platform().memoryBytes() == 64 << 20;
 * }
 *
 * @param devices in the order in which they get their places
 */
public record MachineConfig(PlatformConfig platform, BootConfig boot, List<DeviceConfig> devices, TimeConfig time,
        HostConfig host, EndConfig end) {

    /** QEMU's default. */
    public static final long DEFAULT_MEMORY_BYTES = 128L << 20;

    /** How many serial ports a PC has. */
    public static final int MAX_SERIALS = 4;

    /** The largest number of CPUs that 8-bit APIC ids leave room for. */
    public static final int MAX_CPUS = 255;

    /** QEMU's address of the first network card that has none of its own; the next ones follow. */
    public static final long FIRST_MAC = 0x525400123456L;

    private static final long MEMORY_UNIT = 8192;

    public MachineConfig {
        devices = List.copyOf(devices);
    }

    /** A machine with QEMU's defaults, and no devices but the chipset's. */
    public static Builder builder() {
        return new Builder();
    }

    /** True if the first instruction is that of the built-in BIOS: a PC for which nothing else was named. */
    public boolean usesBuiltInBios() {
        return platform.type() == MachineType.PC && boot.startsNothing();
    }

    /**
     * True if the guest can suspend itself to RAM, whether its tables say so or not: a PC with ACPI. Where instructions
     * are counted time would stand still with them, and no alarm would come.
     */
    public boolean canSuspend() {
        return platform.type() == MachineType.PC && platform.acpi() && time.counting().isEmpty();
    }

    /**
     * How the KVM in Java runs this machine, where it is chosen.
     *
     * @param clock as {@link MachineBuilder#clock} gets it; null for the host's time
     */
    public SoftOptions softOptions(InstructionClock clock) {
        return new SoftOptions(host.compiles(), clock, time.guestSeed());
    }

    /**
     * Collects what a machine is to be. For one thread; may be built more than once. A method refuses null, and a value
     * out of its range with an {@link IllegalArgumentException}.
     */
    public static final class Builder {
        private String name = "";
        private Optional<UUID> uuid = Optional.empty();
        private MachineType type = MachineType.PC;
        private long memoryBytes = DEFAULT_MEMORY_BYTES;
        private MemoryConfig backing = MemoryConfig.DEFAULT;
        private int cpus = 1;
        private CpuConfig cpu = CpuConfig.HOST;
        private boolean hpet;
        private boolean acpi = true;
        private boolean pit = true;
        private boolean graphics = true;
        private SmbiosConfig smbios = SmbiosConfig.DEFAULT;
        private AcpiSettings acpiSettings = AcpiSettings.DEFAULT;
        private Optional<Path> kernel = Optional.empty();
        private List<String> initrds = List.of();
        private String commandLine = "";
        private FirmwareConfig firmware = FirmwareConfig.DEFAULT;
        private final List<BootConfig.Loader> loaders = new ArrayList<>();
        private final List<DeviceConfig> devices = new ArrayList<>();
        private RtcConfig rtc = RtcConfig.UTC;
        private Optional<CountingConfig> counting = Optional.empty();
        private OptionalLong seed = OptionalLong.empty();
        private List<Accelerator.Kind> accelerators = List.of();
        private boolean compiles = true;
        private List<ChardevSpec> chardevs = List.of();
        private Map<String, byte[]> secrets = Map.of();
        private Map<String, Path> randomFiles = Map.of();
        private NamedSides sides = NamedSides.NONE;
        private boolean noReboot;
        private boolean noShutdown;

        private final Set<String> ids = new HashSet<>();
        private final Set<Integer> usedSerials = new HashSet<>();
        private int serials;
        private int addresses;

        private Builder() {
        }

        /** The guest's name. */
        public Builder name(String guestName) {
            name = Objects.requireNonNull(guestName);
            return this;
        }

        /** The system's UUID, for SMBIOS. */
        public Builder uuid(UUID systemUuid) {
            uuid = Optional.of(systemUuid);
            return this;
        }

        /** Adds a high precision event timer; a PC has none by default. */
        public Builder hpet() {
            hpet = true;
            return this;
        }

        /** Leaves ACPI out: its tables, power management and the power button. */
        public Builder noAcpi() {
            acpi = false;
            return this;
        }

        /** What the ACPI tables say of the user's; by default sleep states S3 and S4, and no more. */
        public Builder acpiSettings(AcpiSettings settings) {
            acpiSettings = Objects.requireNonNull(settings);
            return this;
        }

        /** Leaves the interval timer out. */
        public Builder noPit() {
            pit = false;
            return this;
        }

        /** Lets firmware use the first serial port besides a display adapter. */
        public Builder noGraphics() {
            graphics = false;
            return this;
        }

        /** The content of the SMBIOS tables; QEMU's values by default. */
        public Builder smbios(SmbiosConfig config) {
            smbios = Objects.requireNonNull(config);
            return this;
        }

        /** The kind of machine; a PC by default. */
        public Builder type(MachineType machineType) {
            type = Objects.requireNonNull(machineType);
            return this;
        }

        /** The host memory that guest RAM is; private and anonymous by default. */
        public Builder memoryBacking(MemoryConfig config) {
            backing = Objects.requireNonNull(config);
            return this;
        }

        /** Leaves RAM out of the empty machine, the only one that needs none. */
        public Builder noMemory() {
            memoryBytes = 0;
            return this;
        }

        /** Guest RAM in bytes, a multiple of 8 KiB; 128 MiB by default. A kernel and firmware need 1 MiB. */
        public Builder memory(long bytes) {
            if (bytes <= 0 || bytes % MEMORY_UNIT != 0) {
                throw new IllegalArgumentException(bytes + " bytes of memory: must be a multiple of 8 KiB");
            }
            memoryBytes = bytes;
            return this;
        }

        /** The number of CPUs, from 1 to {@link #MAX_CPUS}; 1 by default. */
        public Builder cpus(int count) {
            if (count < 1 || count > MAX_CPUS) {
                throw new IllegalArgumentException(count + " CPUs: must be from 1 to " + MAX_CPUS);
            }
            cpus = count;
            return this;
        }

        /** The CPU model; all that the accelerator offers by default. */
        public Builder cpu(CpuConfig config) {
            cpu = Objects.requireNonNull(config);
            return this;
        }

        /** The image for a direct boot. */
        public Builder kernel(Path image) {
            kernel = Optional.of(image);
            return this;
        }

        /** Initial ramdisks, or multiboot modules, each a file name and maybe a space and an argument text. */
        public Builder initrds(List<String> files) {
            initrds = List.copyOf(files);
            return this;
        }

        /** The kernel's command line. */
        public Builder commandLine(String text) {
            commandLine = Objects.requireNonNull(text);
            return this;
        }

        /** Firmware, and what it is told. Without a ROM there it is QEMU's if it has something to boot from. */
        public Builder firmware(FirmwareConfig config) {
            firmware = Objects.requireNonNull(config);
            return this;
        }

        /** Loads one more image. */
        public Builder loader(BootConfig.Loader loader) {
            loaders.add(Objects.requireNonNull(loader));
            return this;
        }

        /** Loads a flat image to a guest physical address. The first CPU starts there, in real mode below 1 MiB. */
        public Builder image(Path file, long address) {
            return loader(new BootConfig.Loader(Optional.of(file), OptionalLong.of(address), OptionalInt.of(0), true));
        }

        /** The first CPU starts at a guest physical address, in real mode below 1 MiB. The program writes the code. */
        public Builder entry(long address) {
            return loader(new BootConfig.Loader(Optional.empty(), OptionalLong.of(address), OptionalInt.of(0), false));
        }

        /** Adds the next serial port, on standard input and output; in a {@code Guest} on the program itself. */
        public Builder console() {
            return serial(new ChardevSpec("serial" + serials, new ChardevSpec.Stdio(true), false));
        }

        /**
         * Adds the next serial port.
         *
         * @param spec its host side; {@link ChardevSpec.None} leaves the port out
         */
        public Builder serial(ChardevSpec spec) {
            if (spec.isNone()) {
                serials++;
                return this;
            }
            return device(DeviceConfig.of(IsaSerialType.TYPE).with(IsaSerialType.CHARDEV, spec));
        }

        /**
         * Adds a device. A serial port without an index gets the next one, a network card without an address the next
         * of QEMU's.
         *
         * @throws MachineException if its id or its serial port is another device's
         */
        public Builder device(DeviceConfig config) {
            String id = config.properties().id();
            if (!id.isEmpty() && !ids.add(id)) {
                throw new MachineException(MachineException.Kind.DUPLICATE_ID, id, "another device has this id");
            }
            devices.add(config.type() == IsaSerialType.TYPE ? atItsPort(config) : withAddress(config));
            return this;
        }

        private DeviceConfig atItsPort(DeviceConfig config) {
            int index = config.properties().find(IsaSerialType.INDEX).orElse(serials);
            if (!usedSerials.add(index)) {
                throw new MachineException(MachineException.Kind.SERIAL_PORT_TAKEN, Integer.toString(index),
                        "another device uses this port");
            }
            serials = Math.max(serials, index + 1);
            // One that is too many has no index: build() refuses it.
            return index >= MAX_SERIALS ? config : config.with(IsaSerialType.INDEX, index);
        }

        private DeviceConfig withAddress(DeviceConfig config) {
            for (Property<?> property : config.type().properties()) {
                if (property.kind() == Property.Kind.MAC && config.properties().find(property).isEmpty()) {
                    return new DeviceConfig(config.type(),
                            config.properties().withValue(property, FIRST_MAC + addresses++));
                }
            }
            return config;
        }

        /** The number of serial ports so far, with those that are left out. */
        public int serials() {
            return serials;
        }

        /** The real-time clock's time; the host's time in UTC by default. */
        public Builder rtc(RtcConfig config) {
            rtc = Objects.requireNonNull(config);
            return this;
        }

        /** Counts time in instructions. */
        public Builder counting(CountingConfig config) {
            counting = Optional.of(config);
            return this;
        }

        /** The seed of the guest's random numbers. */
        public Builder seed(long value) {
            seed = OptionalLong.of(value);
            return this;
        }

        /** The accelerators that may run it, the preferred first; the fastest there is by default. */
        public Builder accelerators(List<Accelerator.Kind> kinds) {
            accelerators = List.copyOf(kinds);
            return this;
        }

        /** Whether the KVM in Java compiles hot guest code, as it does by default. */
        public Builder compiles(boolean hotCode) {
            compiles = hotCode;
            return this;
        }

        /** Chardevs that are opened whether a device uses them or not. */
        public Builder chardevs(List<ChardevSpec> declared) {
            chardevs = List.copyOf(declared);
            return this;
        }

        /** Files of random bytes, by the ids that devices name them by. */
        public Builder randomFiles(Map<String, Path> byId) {
            randomFiles = Map.copyOf(byId);
            return this;
        }

        /** Disks and networks that devices name, also devices that come while the machine runs. */
        public Builder sides(NamedSides named) {
            sides = Objects.requireNonNull(named);
            return this;
        }

        /** Passphrases of encrypted images, by the ids that images name them by. */
        public Builder secrets(Map<String, byte[]> byId) {
            secrets = Map.copyOf(byId);
            return this;
        }

        /** A guest's reset ends the machine. */
        public Builder noReboot() {
            noReboot = true;
            return this;
        }

        /** A guest's power-off stops the machine until the user ends it. */
        public Builder noShutdown() {
            noShutdown = true;
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @throws MachineException if the machine cannot have all of that
         */
        public MachineConfig build() {
            if (serials > MAX_SERIALS) {
                throw new MachineException(MachineException.Kind.TOO_MANY_SERIAL_PORTS, Integer.toString(serials),
                        "a machine has at most " + MAX_SERIALS + " serial ports");
            }
            boolean isEmpty = type == MachineType.NONE;
            if (isEmpty) {
                checkEmptyMachine();
            } else if (memoryBytes == 0) {
                throw new IllegalArgumentException("0 bytes of memory: only the empty machine has none");
            }
            BootConfig boot = new BootConfig(kernel, initrds, commandLine, firmware, loaders);
            PlatformConfig platform = new PlatformConfig(name, uuid, type, memoryBytes, backing, isEmpty ? 0 : cpus,
                    cpu, hpet && !isEmpty, acpi && !isEmpty, pit && !isEmpty, graphics, smbios, acpiSettings);
            return new MachineConfig(platform, boot, devices, new TimeConfig(rtc, counting, seed),
                    new HostConfig(accelerators, compiles, chardevs, secrets, randomFiles, sides),
                    new EndConfig(noReboot, noShutdown));
        }

        private void checkEmptyMachine() {
            if (kernel.isPresent() || !loaders.isEmpty()) {
                throw new MachineException(MachineException.Kind.EMPTY_MACHINE,
                        kernel.map(Path::toString).orElse("an image"), "there is no CPU to run it");
            }
            if (!devices.isEmpty()) {
                throw new MachineException(MachineException.Kind.EMPTY_MACHINE, devices.getFirst().driver(),
                        "there is no bus for a device");
            }
            if (cpus > 1) {
                throw new MachineException(MachineException.Kind.TOO_MANY_CPUS, Integer.toString(cpus),
                        "the machine none has 1 CPU at most");
            }
        }
    }
}
