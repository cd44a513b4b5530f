package jkvm.tables;

import static jkvm.tables.SmbiosText.BOARD_ASSET;
import static jkvm.tables.SmbiosText.BOARD_LOCATION;
import static jkvm.tables.SmbiosText.BOARD_MANUFACTURER;
import static jkvm.tables.SmbiosText.BOARD_PRODUCT;
import static jkvm.tables.SmbiosText.BOARD_SERIAL;
import static jkvm.tables.SmbiosText.BOARD_VERSION;
import static jkvm.tables.SmbiosText.CHASSIS_ASSET;
import static jkvm.tables.SmbiosText.CHASSIS_MANUFACTURER;
import static jkvm.tables.SmbiosText.CHASSIS_SERIAL;
import static jkvm.tables.SmbiosText.CHASSIS_SKU;
import static jkvm.tables.SmbiosText.CHASSIS_VERSION;
import static jkvm.tables.SmbiosText.FIRMWARE_DATE;
import static jkvm.tables.SmbiosText.FIRMWARE_VENDOR;
import static jkvm.tables.SmbiosText.FIRMWARE_VERSION;
import static jkvm.tables.SmbiosText.MEMORY_ASSET;
import static jkvm.tables.SmbiosText.MEMORY_BANK;
import static jkvm.tables.SmbiosText.MEMORY_LOCATOR;
import static jkvm.tables.SmbiosText.MEMORY_MANUFACTURER;
import static jkvm.tables.SmbiosText.MEMORY_PART;
import static jkvm.tables.SmbiosText.MEMORY_SERIAL;
import static jkvm.tables.SmbiosText.PROCESSOR_ASSET;
import static jkvm.tables.SmbiosText.PROCESSOR_MANUFACTURER;
import static jkvm.tables.SmbiosText.PROCESSOR_PART;
import static jkvm.tables.SmbiosText.PROCESSOR_SERIAL;
import static jkvm.tables.SmbiosText.PROCESSOR_SOCKET;
import static jkvm.tables.SmbiosText.PROCESSOR_VERSION;
import static jkvm.tables.SmbiosText.SYSTEM_FAMILY;
import static jkvm.tables.SmbiosText.SYSTEM_MANUFACTURER;
import static jkvm.tables.SmbiosText.SYSTEM_PRODUCT;
import static jkvm.tables.SmbiosText.SYSTEM_SERIAL;
import static jkvm.tables.SmbiosText.SYSTEM_SKU;
import static jkvm.tables.SmbiosText.SYSTEM_VERSION;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/**
 * The SMBIOS tables (DMTF DSP0134, version 2.8): the machine's maker, its CPUs and its memory. Names and values are
 * QEMU's, since guests and their tools know machines by these.
 */
final class Smbios {
    static final int ENTRY_SIZE = 31;

    private static final UUID NO_UUID = new UUID(0, 0);
    private static final String MAKER = "QEMU";
    private static final String PRODUCT = "Standard PC (i440FX + PIIX, 1996)";
    /** A structure's handle is its type, shifted so far, plus its number among those; QEMU's others are below. */
    private static final int HANDLE_SHIFT = 8;
    private static final int OEM_STRINGS_HANDLE = 0xE00;
    private static final int CHASSIS_HANDLE = 3 << HANDLE_SHIFT;
    private static final int MEMORY_ARRAY_HANDLE = 16 << HANDLE_SHIFT;
    private static final int OTHER = 1;
    private static final int UNKNOWN = 2;
    private static final int SAFE = 3;
    private static final long GIB = 1 << 30;
    private static final long MIB = 1 << 20;
    private static final long KIB = 1 << 10;
    /** The largest memory module. */
    private static final long MODULE_SIZE = 16 * GIB;
    private static final int DEFAULT_MHZ = 2000;
    /** A 16-bit size of this value means: look at the 32-bit one. */
    private static final int EXTENDED_SIZE = 0x7FFF;
    private static final int NO_HANDLE = 0xFFFE;
    private static final long EXTENDED_CAPACITY = 0x80000000L;
    private static final long EXTENDED_ADDRESS = 0xFFFFFFFFL;

    private final PlatformDescription platform;
    private final SmbiosSettings settings;
    private final String machine;
    private final TableWriter out = new TableWriter();
    private final List<String> strings = new ArrayList<>();
    private int structures;
    private int largest;
    private int start;

    private Smbios(PlatformDescription platform) {
        this.platform = platform;
        settings = platform.smbios();
        machine = settings.machine();
    }

    /** The tables' content and the entry point that describes it. */
    record Tables(byte[] structures, int count, int largest) {
        /** The entry point, when the structures are at {@code address}; must lie at a multiple of 16. */
        byte[] entryPoint(long address) {
            TableWriter out = anchor(address);
            out.patchChecksum(21, 16, ENTRY_SIZE);
            out.patchChecksum(4, 0, ENTRY_SIZE);
            return out.toBytes();
        }

        /** The entry point as firmware gets it: without an address and its sums. */
        byte[] anchor() {
            return anchor(0).toBytes();
        }

        private TableWriter anchor(long address) {
            TableWriter out = new TableWriter();
            out.ascii("_SM_").u8(0).u8(ENTRY_SIZE).u8(2).u8(8).u16(largest).u8(0).zeros(5);
            return out.ascii("_DMI_").u8(0).u16(structures.length).u32(address).u16(count).u8(0x28);
        }
    }

    /**
     * Makes the tables.
     *
     * @param hasFirmware true if firmware describes itself, where the user does not
     */
    static Tables tables(PlatformDescription platform, GuestMemory memory, boolean hasFirmware) {
        Smbios smbios = new Smbios(platform);
        smbios.settings.structures().forEach(smbios::whole);
        smbios.firmware(hasFirmware);
        smbios.system();
        smbios.board();
        smbios.chassis();
        smbios.processors();
        smbios.connectors();
        smbios.oemStrings();
        smbios.memory(memory);
        smbios.begin(32).zeros(7);
        smbios.end();
        smbios.onboardDevices();
        smbios.begin(127);
        smbios.end();
        return new Tables(smbios.out.toBytes(), smbios.structures, smbios.largest);
    }

    private void whole(byte[] structure) {
        out.bytes(structure);
        largest = Math.max(largest, structure.length);
        structures++;
    }

    private void firmware(boolean hasFirmware) {
        if (hasFirmware && !settings.types().contains(0)) {
            return;
        }
        long characteristicsNotSupported = 1 << 3;
        int uefi = settings.uefi() ? 1 << 3 : 0;
        int isVirtualMachine = 1 << 4;
        int targetedContent = 1 << 2;
        int startSegment = 0xE800;
        boolean isOwn = !hasFirmware;
        begin(0).u8(string(FIRMWARE_VENDOR, isOwn ? "jkvm" : "")).u8(string(FIRMWARE_VERSION, isOwn ? "1" : ""))
                .u16(startSegment).u8(string(FIRMWARE_DATE, isOwn ? "01/01/2025" : "")).u8(0)
                .u64(characteristicsNotSupported).u8(0).u8(targetedContent | uefi | isVirtualMachine);
        // Releases of the firmware and of an embedded controller that is not there.
        SmbiosSettings.Release release = settings.release().orElse(new SmbiosSettings.Release(0, 0));
        out.u8(release.major()).u8(release.minor()).u8(0xFF).u8(0xFF);
        end();
    }

    /**
     * The number's first three fields are little-endian, its other bytes as they are written (SMBIOS 2.8 section
     * 7.2.1).
     */
    private void system() {
        int wokenByPowerSwitch = 6;
        UUID uuid = platform.uuid().orElse(NO_UUID);
        long high = uuid.getMostSignificantBits();
        begin(1).u8(string(SYSTEM_MANUFACTURER, MAKER)).u8(string(SYSTEM_PRODUCT, PRODUCT))
                .u8(string(SYSTEM_VERSION, machine)).u8(string(SYSTEM_SERIAL, ""))
                .u32(high >>> 32).u16((int) (high >>> 16) & 0xFFFF).u16((int) high & 0xFFFF)
                .u64(Long.reverseBytes(uuid.getLeastSignificantBits())).u8(wokenByPowerSwitch)
                .u8(string(SYSTEM_SKU, "")).u8(string(SYSTEM_FAMILY, ""));
        end();
    }

    private void board() {
        if (!settings.types().contains(2)) {
            return;
        }
        int isHosting = 1;
        int motherboard = 0x0A;
        begin(2).u8(string(BOARD_MANUFACTURER, MAKER)).u8(string(BOARD_PRODUCT, PRODUCT))
                .u8(string(BOARD_VERSION, machine)).u8(string(BOARD_SERIAL, "")).u8(string(BOARD_ASSET, ""))
                .u8(isHosting).u8(string(BOARD_LOCATION, "")).u16(CHASSIS_HANDLE).u8(motherboard).u8(0);
        end();
    }

    private void chassis() {
        begin(3).u8(string(CHASSIS_MANUFACTURER, MAKER)).u8(OTHER).u8(string(CHASSIS_VERSION, machine))
                .u8(string(CHASSIS_SERIAL, "")).u8(string(CHASSIS_ASSET, ""))
                .u8(SAFE).u8(SAFE).u8(SAFE).u8(UNKNOWN).zeros(8).u8(string(CHASSIS_SKU, ""));
        end();
    }

    private void processors() {
        SmbiosSettings.Sockets sockets = settings.sockets()
                .orElse(new SmbiosSettings.Sockets(1, platform.cpus(), 1));
        for (int socket = 0; socket < sockets.count(); socket++) {
            processor(socket, sockets.cores(), sockets.cores() * sockets.threads());
        }
    }

    private void processor(int socket, int cores, int threads) {
        int centralProcessor = 3;
        int populatedAndEnabled = 0x41;
        begin(4, socket).u8(string(settings.text(PROCESSOR_SOCKET, "CPU") + " " + socket)).u8(centralProcessor)
                .u8(OTHER).u8(string(PROCESSOR_MANUFACTURER, MAKER)).u64(settings.number(SmbiosNumber.PROCESSOR_ID, 0))
                .u8(string(PROCESSOR_VERSION, machine)).u8(0).u16(0)
                .u16((int) settings.number(SmbiosNumber.PROCESSOR_MAX_SPEED, DEFAULT_MHZ))
                .u16((int) settings.number(SmbiosNumber.PROCESSOR_SPEED, DEFAULT_MHZ))
                .u8(populatedAndEnabled).u8(OTHER);
        // No cache structures.
        out.u16(0xFFFF).u16(0xFFFF).u16(0xFFFF).u8(string(PROCESSOR_SERIAL, "")).u8(string(PROCESSOR_ASSET, ""))
                .u8(string(PROCESSOR_PART, ""));
        int maximum = 0xFF;
        out.u8(Math.min(cores, maximum)).u8(Math.min(cores, maximum)).u8(Math.min(threads, maximum)).u16(UNKNOWN)
                .u16(OTHER);
        end();
    }

    private void connectors() {
        for (int i = 0; i < settings.connectors().size(); i++) {
            SmbiosSettings.PortConnector port = settings.connectors().get(i);
            begin(8, 0, i).u8(string(port.internal())).u8(0).u8(string(port.external())).u8(port.connector())
                    .u8(port.kind());
            end();
        }
    }

    private void oemStrings() {
        if (settings.oemStrings().isEmpty()) {
            return;
        }
        begin(11, OEM_STRINGS_HANDLE, 0).u8(settings.oemStrings().size());
        settings.oemStrings().forEach(this::string);
        end();
    }

    private void memory(GuestMemory memory) {
        int systemMemory = 3;
        int multiBitEcc = 6;
        long size = memory.size();
        int modules = (int) ((size + MODULE_SIZE - 1) / MODULE_SIZE);
        boolean fits = size / KIB < EXTENDED_CAPACITY;
        begin(16).u8(OTHER).u8(systemMemory).u8(multiBitEcc).u32(fits ? size / KIB : EXTENDED_CAPACITY)
                .u16(NO_HANDLE).u16(modules).u64(fits ? 0 : size);
        end();
        for (int module = 0; module < modules; module++) {
            memoryDevice(module, Math.min(MODULE_SIZE, size - module * MODULE_SIZE));
        }
        List<MemoryRegion> regions = memory.regions();
        for (int i = 0; i < regions.size(); i++) {
            mappedAddresses(i, regions.get(i).start(), regions.get(i).end());
        }
    }

    private void memoryDevice(int module, long size) {
        int dimm = 9;
        int ram = 7;
        int otherDetail = 1 << 1;
        long mib = (size + MIB - 1) / MIB;
        int speed = (int) settings.number(SmbiosNumber.MEMORY_SPEED, 0);
        begin(17, module).u16(MEMORY_ARRAY_HANDLE).u16(NO_HANDLE).u16(0xFFFF).u16(0xFFFF)
                .u16((int) Math.min(mib, EXTENDED_SIZE)).u8(dimm).u8(0)
                .u8(string(settings.text(MEMORY_LOCATOR, "DIMM") + " " + module)).u8(string(MEMORY_BANK, "")).u8(ram)
                .u16(otherDetail).u16(speed).u8(string(MEMORY_MANUFACTURER, MAKER)).u8(string(MEMORY_SERIAL, ""))
                .u8(string(MEMORY_ASSET, "")).u8(string(MEMORY_PART, "")).u8(0)
                .u32(mib < EXTENDED_SIZE ? 0 : mib).u16(speed).u16(0).u16(0).u16(0);
        end();
    }

    private void mappedAddresses(int number, long first, long end) {
        long last = (end - 1) / KIB;
        boolean fits = last < EXTENDED_ADDRESS;
        begin(19, number).u32(fits ? first / KIB : EXTENDED_ADDRESS).u32(fits ? last : EXTENDED_ADDRESS)
                .u16(MEMORY_ARRAY_HANDLE).u8(1).u64(fits ? 0 : first).u64(fits ? 0 : end - 1);
        end();
    }

    private void onboardDevices() {
        int isEnabled = 0x80;
        for (int i = 0; i < settings.onboard().size(); i++) {
            SmbiosSettings.OnboardDevice device = settings.onboard().get(i);
            begin(41, i).u8(string(device.designation())).u8(isEnabled | device.kind()).u8(device.instance()).u16(0)
                    .u8(0).u8(device.address());
            end();
        }
    }

    private TableWriter begin(int type) {
        return begin(type, 0);
    }

    private TableWriter begin(int type, int number) {
        return begin(type, type << HANDLE_SHIFT, number);
    }

    /** @param firstHandle of the structures of this type */
    private TableWriter begin(int type, int firstHandle, int number) {
        start = out.size();
        return out.u8(type).u8(0).u16(firstHandle + number);
    }

    private int string(SmbiosText which, String absent) {
        return string(settings.text(which, absent));
    }

    /** The number by which the structure's fields name a string, from one on; 0 for an empty one. */
    private int string(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        strings.add(text);
        return strings.size();
    }

    /** Ends a structure with its strings; none is left of it if the user gives its type. */
    private void end() {
        out.patch8(start + 1, out.size() - start);
        for (String string : strings) {
            out.text(string).u8(0);
        }
        out.zeros(strings.isEmpty() ? 2 : 1);
        strings.clear();
        if (settings.replaces(out.at(start))) {
            out.truncate(start);
            return;
        }
        largest = Math.max(largest, out.size() - start);
        structures++;
    }
}
