package jkvm.machine.board;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import jkvm.boot.BootException;
import jkvm.boot.RawFile;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineException.Kind;
import jkvm.machine.config.SmbiosConfig;
import jkvm.memory.GuestMemory;
import jkvm.tables.PlatformDescription;
import jkvm.tables.PlatformTables;
import jkvm.tables.SmbiosNumber;
import jkvm.tables.SmbiosSettings;

/** Reads the files that a configuration of SMBIOS names, and finds its devices. */
public final class SmbiosFiles {
    private static final String NO_STRUCTURE = "Cannot read SMBIOS file ";

    private SmbiosFiles() {
    }

    /**
     * All that the tables need of the user.
     *
     * @param processorId CPUID leaf 1 of the first vCPU: EAX in the low half, EDX in the high one
     * @param devices     of the machine, in the order in which they get their places
     * @throws BootException    if a file cannot be read
     * @throws MachineException if a file is none of its kind, or a device is not there
     */
    public static SmbiosSettings read(SmbiosConfig config, long processorId, List<DeviceConfig> devices) {
        SmbiosSettings settings = config.settings();
        Map<SmbiosNumber, Long> numbers = new EnumMap<>(SmbiosNumber.class);
        numbers.put(SmbiosNumber.PROCESSOR_ID, processorId);
        numbers.putAll(settings.numbers());
        List<String> strings = config.oemStrings().stream()
                .map(string -> string.file().map(SmbiosFiles::text).orElse(string.text())).toList();
        List<byte[]> structures = config.files().stream().map(file -> structure(file, settings)).toList();
        List<SmbiosSettings.OnboardDevice> onboard = new ArrayList<>();
        for (SmbiosConfig.Onboard device : config.onboard()) {
            int address = device.device().map(id -> address(id, device.designation(), devices)).orElse(0);
            onboard.add(new SmbiosSettings.OnboardDevice(device.designation(), device.kind(), device.instance(),
                    address));
        }
        return new SmbiosSettings(settings.machine(), settings.types(), settings.texts(), numbers, settings.release(),
                settings.uefi(), settings.sockets(), strings, settings.connectors(), onboard, structures);
    }

    /**
     * Checks that the tables hold all that the user gives.
     *
     * @throws MachineException if they are too large
     */
    public static void check(GuestMemory memory, PlatformDescription platform) {
        if (platform.smbios().oemStrings().isEmpty() && platform.smbios().structures().isEmpty()) {
            return;
        }
        int length = PlatformTables.smbiosLength(memory, platform);
        if (length > SmbiosSettings.MAX_LENGTH) {
            throw new MachineException(Kind.SMBIOS_REFUSED, "", "SMBIOS 2.1 table length " + length + " exceeds "
                    + SmbiosSettings.MAX_LENGTH);
        }
    }

    private static byte[] read(Path file) {
        return RawFile.read(BootException.Role.SMBIOS_FILE, file, SmbiosSettings.MAX_LENGTH);
    }

    private static String text(Path file) {
        byte[] content = read(file);
        for (byte value : content) {
            if (value == 0) {
                throw new MachineException(Kind.SMBIOS_REFUSED, "type 11", "NUL in OEM strings value in " + file);
            }
        }
        return new String(content, StandardCharsets.UTF_8);
    }

    private static byte[] structure(Path file, SmbiosSettings settings) {
        byte[] content = read(file);
        if (content.length < SmbiosSettings.HEADER_LENGTH) {
            throw new MachineException(Kind.SMBIOS_REFUSED, "", NO_STRUCTURE + file
                    + ": a structure has four bytes at least");
        }
        int type = content[0] & 0xFF;
        if (settings.types().contains(type)) {
            throw new MachineException(Kind.SMBIOS_REFUSED, "", "can't load type " + type + " struct of " + file
                    + ": fields of that type are given, too");
        }
        return content;
    }

    private static int address(String id, String designation, List<DeviceConfig> devices) {
        Integer address = PciDevices.addresses(devices).get(id);
        if (address == null) {
            throw new MachineException(Kind.SMBIOS_REFUSED, "", "No PCI device " + id + " for SMBIOS type 41 entry "
                    + designation);
        }
        return address;
    }
}
