package jkvm.machine.board;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.boot.BootException;
import jkvm.boot.BootLoaders;
import jkvm.boot.BootRequest;
import jkvm.boot.EntryState;
import jkvm.boot.EntryStates;
import jkvm.boot.FlatImage;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.MachineException;
import jkvm.memory.GuestMemory;
import jkvm.tables.MemoryMap;
import jkvm.tables.PlatformDescription;
import jkvm.tables.PlatformTables;
import jkvm.tables.WakingVector;
import jkvm.vm.Vcpu;

/**
 * The content of memory before the first instruction, and the first vCPU's start. Carried out at power-on and
 * again at each reset, so that a guest that overwrote its own image starts from a fresh one.
 */
public final class BootPlan {
    private static final long FIRMWARE_TABLES_NEED = 1 << 20;
    /** 0x7F E L F. QEMU's loader puts such a file where its headers say. */
    private static final int ELF_MAGIC = 0x464C457F;

    private final BootConfig config;
    private final GuestMemory memory;
    private final PlatformDescription platform;
    private final Optional<Firmware> firmware;
    private EntryState entry;

    /** @param firmware what makes the tables and finds what to boot, if the machine has it */
    public BootPlan(BootConfig config, GuestMemory memory, PlatformDescription platform, Optional<Firmware> firmware) {
        this.firmware = firmware;
        this.config = config;
        this.memory = memory;
        this.platform = platform;
    }

    /** @throws MachineException if there is nothing to boot */
    public void requireEntry() {
        boolean hasEntry = config.loaders().stream().anyMatch(loader -> loader.cpu().isPresent());
        if (config.kernel().isEmpty() && firmware.isEmpty() && !hasEntry) {
            throw new MachineException(MachineException.Kind.NOTHING_TO_BOOT, "", "nothing to boot: there is neither a"
                    + " kernel, nor firmware, nor an image with an entry point");
        }
    }

    /**
     * Puts tables and images into guest memory.
     *
     * @throws BootException if a file cannot be read or does not fit
     */
    public void load() {
        load(false);
    }

    /**
     * As {@link #load()} before the first run. Where another machine's memory comes into this one the kernel's files
     * are only checked: they are put into memory when the machine is reset.
     */
    public void begin(boolean isAwaiting) {
        load(isAwaiting);
    }

    private void load(boolean isRehearsal) {
        long rsdp = 0;
        firmware.ifPresent(Firmware::restore);
        if (firmware.isEmpty() && memory.lowEnd() >= FIRMWARE_TABLES_NEED) {
            rsdp = PlatformTables.install(memory, platform);
        }
        entry = EntryStates.resetVector();
        if (config.kernel().isPresent()) {
            entry = BootLoaders.load(new BootRequest(config.kernel().get(),
                    config.initrds(), commandLine(), memory,
                    MemoryMap.forPc(memory), rsdp, isRehearsal));
        }
        for (BootConfig.Loader loader : config.loaders()) {
            load(loader);
        }
    }

    /** Without ACPI a kernel hears of virtio devices with memory-mapped registers on its command line only. */
    private String commandLine() {
        StringBuilder line = new StringBuilder(config.commandLine());
        if (!platform.acpi()) {
            for (PlatformDescription.VirtioMmio device : platform.virtioDevices()) {
                line.append(" virtio_mmio.device=%d@0x%x:%d".formatted(device.size(), device.address(), device.gsi()));
            }
        }
        return line.toString();
    }

    private void load(BootConfig.Loader loader) {
        if (loader.address().isEmpty()) {
            throw new MachineException(MachineException.Kind.LOADER_WITHOUT_ADDRESS,
                    loader.file().map(Path::toString).orElse("the CPU"), "it has no address in guest memory");
        }
        long address = loader.address().getAsLong();
        loader.file().ifPresent(file -> {
            FlatImage.load(file, address, memory);
            if (!loader.raw() && address <= memory.lowEnd() - Integer.BYTES && memory.readInt(address) == ELF_MAGIC) {
                throw new MachineException(MachineException.Kind.LOADER_OF_ELF, file.toString(),
                        "it is an ELF file, not a flat image");
            }
        });
        if (loader.cpu().isPresent()) {
            if (loader.cpu().getAsInt() != 0) {
                throw new MachineException(MachineException.Kind.LOADER_OF_OTHER_CPU,
                        Integer.toString(loader.cpu().getAsInt()),
                        "only CPU 0 starts by itself, the others wait for a start-up interrupt");
            }
            entry = FlatImage.entry(address);
        }
    }

    /** Sets the registers of the first vCPU, if there is one; the others wait for a start-up interrupt. */
    public void enter(List<Vcpu> vcpus) {
        if (!vcpus.isEmpty()) {
            entry.apply(vcpus.getFirst());
        }
    }

    /** True if a guest that is suspended to RAM can go on: without firmware it must have said where. */
    public boolean canResume() {
        return firmware.isPresent() || WakingVector.find(memory).isPresent();
    }

    /** As {@link #enter}, after a suspend to RAM: firmware resumes the guest, else it begins at its waking vector. */
    public void resume(List<Vcpu> vcpus) {
        EntryState resume = firmware.isPresent() ? EntryStates.resetVector()
                : FlatImage.entry(WakingVector.find(memory).orElseThrow());
        resume.apply(vcpus.getFirst());
    }
}
