package jkvm.machine.board;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import jkvm.boot.BootException;
import jkvm.boot.RawFile;
import jkvm.device.board.PciPlace;
import jkvm.device.board.PciType;
import jkvm.device.pci.ExpansionRom;
import jkvm.device.pci.PciFunction;
import jkvm.device.platform.FwCfg;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineWarning;

/** The expansion ROMs of all devices, each read before anything of the host is opened for its device. */
public final class ExpansionRoms {
    /** Where firmware looks for ROMs that no device shows. */
    private static final String FOLDER = "genroms/";

    private final Map<Path, byte[]> images = new HashMap<>();
    private final List<Path> folders;

    /**
     * Reads those of devices.
     *
     * @param folders where they are looked for first
     * @throws MachineException if a file cannot be read or is no ROM
     */
    public ExpansionRoms(List<DeviceConfig> configs, List<Path> folders) {
        this.folders = List.copyOf(folders);
        configs.forEach(this::add);
    }

    /**
     * Reads that of one more device.
     *
     * @throws MachineException if the file cannot be read or is no ROM
     */
    void add(DeviceConfig config) {
        rom(config).filter(rom -> rom.required() || RawFile.isInstalled(rom.file(), folders)).ifPresent(rom ->
                images.computeIfAbsent(rom.file(), file -> read(config, file)));
    }

    private byte[] read(DeviceConfig config, Path file) {
        try {
            return RawFile.readExpansionRom(file, folders);
        } catch (BootException e) {
            throw new MachineException(MachineException.Kind.UNUSABLE_ROM, config.driver(), e.getMessage(), e);
        }
    }

    /** Gives a device that is not on its bus yet the ROM that it shows, if it has one. */
    void plugInto(PciFunction function, DeviceConfig config) {
        boolean isUsers = rom(config).filter(PciPlace.Rom::required).isPresent();
        image(config, true).map(ExpansionRom::new)
                .ifPresent(isUsers ? function::addExpansionRom : function::addUsualRom);
        builtIn(config).map(ExpansionRom::new).ifPresent(function::addUsualRom);
    }

    private static Optional<byte[]> builtIn(DeviceConfig config) {
        boolean isBuiltIn = config.type() instanceof PciType && config.properties().find(PciPlace.ROM_FILE).isEmpty()
                && config.properties().get(PciPlace.ROM_BAR) == 1;
        return isBuiltIn ? ((PciType) config.type()).builtInRom() : Optional.empty();
    }

    /**
     * The ROMs that no device shows, as files for firmware.
     *
     * @throws MachineException if their names are not fit for that
     */
    public void putFiles(FwCfg fwCfg, List<DeviceConfig> configs) {
        Map<String, byte[]> files = new TreeMap<>();
        for (DeviceConfig config : configs) {
            image(config, false).ifPresent(image -> {
                Path file = rom(config).orElseThrow().file();
                byte[] other = files.put(FOLDER + file.getFileName(), image);
                if (other != null && other != image) {
                    throw new MachineException(MachineException.Kind.ROM_NAME_TAKEN, config.driver(),
                            "romfile " + file + ": another ROM with rombar=0 has this name");
                }
            });
        }
        files.forEach((name, image) ->
                FirmwareItems.putFile(MachineException.Kind.ROM_FILE_REFUSED, fwCfg, name, image));
    }

    /**
     * ROMs of no device, as files for firmware; their content is firmware's to judge.
     *
     * @param warnings gets one for each that is not there: the machine goes on, as QEMU's
     * @throws MachineException if their names are not fit for that
     */
    public void putOptionRoms(FwCfg fwCfg, List<Path> files, List<MachineWarning> warnings) {
        for (Path file : files) {
            Path found = RawFile.find(file, folders);
            if (Files.isReadable(found)) {
                FirmwareItems.putFile(MachineException.Kind.ROM_FILE_REFUSED, fwCfg, FOLDER + found.getFileName(),
                        RawFile.read(BootException.Role.ROM_FILE, found, RawFile.MAX_ROM_SIZE));
            } else {
                warnings.add(new MachineWarning(MachineWarning.Kind.OPTION_ROM_ABSENT, file.toString()));
            }
        }
    }

    /** Gives the built-in BIOS the ROMs that others get as files. */
    public void giveHidden(BootSources sources, List<DeviceConfig> configs, List<Path> files) {
        configs.forEach(config -> image(config, false).ifPresent(sources::addRom));
        for (Path file : files) {
            Path found = RawFile.find(file, folders);
            if (Files.isReadable(found)) {
                sources.addRom(RawFile.read(BootException.Role.ROM_FILE, found, RawFile.MAX_ROM_SIZE));
            }
        }
    }

    private static Optional<PciPlace.Rom> rom(DeviceConfig config) {
        return PciPlace.rom(config.type(), config.properties());
    }

    private Optional<byte[]> image(DeviceConfig config, boolean bar) {
        return rom(config).filter(rom -> rom.bar() == bar).map(rom -> images.get(rom.file()));
    }
}
