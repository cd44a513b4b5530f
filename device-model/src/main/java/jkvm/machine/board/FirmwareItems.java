package jkvm.machine.board;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jkvm.boot.BootException;
import jkvm.boot.RawFile;
import jkvm.device.platform.BootDevices;
import jkvm.device.platform.FwCfg;
import jkvm.device.platform.Hpet;
import jkvm.device.platform.Rtc;
import jkvm.machine.config.FirmwareConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineWarning;
import jkvm.memory.GuestMemory;
import jkvm.tables.FirmwareFiles;
import jkvm.tables.PlatformDescription;

/** Fills the places where firmware looks: the configuration device and the clock's memory. */
public final class FirmwareItems {
    private static final String USER_PREFIX = "opt/";
    private static final int MAX_ITEM_SIZE = 64 << 20;
    private static final String BOOT_ORDER = "bootorder";
    private static final String BIOS_GEOMETRY = "bios-geometry";
    private static final int MAX_HPETS = 8;
    private static final int HPET_ENTRY_SIZE = 15;
    private static final int HPET_TICKS = 100;

    private final FirmwareConfig config;

    public FirmwareItems(FirmwareConfig config) {
        this.config = config;
    }

    /**
     * Makes the device.
     *
     * @param hasGraphics       true if firmware is to use a display adapter
     * @param warnings          gets one for each doubtful name
     * @throws MachineException        if two items have one name, or there are too many
     * @throws BootException           if a file cannot be read
     */
    public FwCfg fwCfg(GuestMemory memory, PlatformDescription platform, boolean hasGraphics,
            List<MachineWarning> warnings) {
        FwCfg fwCfg = new FwCfg("fw-cfg", memory);
        fwCfg.putLong(FwCfg.RAM_SIZE_KEY, memory.size());
        platform.uuid().ifPresent(uuid -> fwCfg.putBytes(FwCfg.UUID_KEY, ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits()).array()));
        fwCfg.putShort(FwCfg.CPU_COUNT_KEY, platform.cpus());
        fwCfg.putShort(FwCfg.MAX_CPUS_KEY, platform.cpus());
        fwCfg.putShort(FwCfg.NOGRAPHIC_KEY, hasGraphics ? 0 : 1);
        fwCfg.putShort(FwCfg.BOOT_MENU_KEY, config.bootMenu() ? 1 : 0);
        fwCfg.putBytes(FwCfg.TIMER_OVERRIDE_KEY, new byte[] {1});
        fwCfg.putBytes(FwCfg.HPET_KEY, hpets(platform.hpet()));
        config.menuMillis().ifPresent(millis -> fwCfg.putFile("etc/boot-menu-wait", littleEndian(millis, Short.BYTES)));
        fwCfg.putFile("etc/boot-fail-wait", littleEndian(config.rebootMillis().orElse(-1), Integer.BYTES));
        FirmwareFiles.of(memory, platform).forEach(fwCfg::putFile);
        config.items().forEach(item -> put(fwCfg, item, warnings));
        return fwCfg;
    }

    /** How many event timers there are, 255 for none, and of each: identity, address, shortest period. */
    private static byte[] hpets(boolean present) {
        ByteBuffer items = ByteBuffer.allocate(1 + MAX_HPETS * HPET_ENTRY_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        items.put((byte) (present ? 1 : 0xFF));
        if (present) {
            items.putInt(PlatformDescription.HPET_BLOCK_ID).putLong(Hpet.ADDRESS).putShort((short) HPET_TICKS);
        }
        return items.array();
    }

    private static void put(FwCfg fwCfg, FirmwareConfig.Item item, List<MachineWarning> warnings) {
        if (!item.name().startsWith(USER_PREFIX)) {
            warnings.add(new MachineWarning(MachineWarning.Kind.ITEM_NAME_WITHOUT_PREFIX, item.name()));
        }
        byte[] content = item.file().map(path -> RawFile.read(BootException.Role.FW_CFG_FILE, path, MAX_ITEM_SIZE))
                .orElseGet(() -> item.text().getBytes(StandardCharsets.UTF_8));
        putFile(MachineException.Kind.ITEM_REFUSED, fwCfg, item.name(), content);
    }

    /**
     * Adds a file.
     *
     * @param refused what it is if it is refused
     * @throws MachineException if its name is taken or too long, or there are too many
     */
    static void putFile(MachineException.Kind refused, FwCfg fwCfg, String name, byte[] content) {
        try {
            fwCfg.putFile(name, content);
        } catch (IllegalArgumentException e) {
            throw new MachineException(refused, name, e.getMessage(), e);
        }
    }

    private static byte[] littleEndian(int value, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (value >> i * Byte.SIZE);
        }
        return bytes;
    }

    /** The order in which firmware tries devices. */
    public BootDevices bootDevices(Rtc rtc) {
        return new BootDevices("boot-devices", rtc, config.order().kinds(), config.order().once());
    }

    /** The user's order, which comes before that. No guest runs. */
    public void putBootOrder(BootOrder order, FwCfg fwCfg) {
        putFile(MachineException.Kind.BOOT_ORDER_REFUSED, fwCfg, BIOS_GEOMETRY, order.geometryFile());
        order.file(config.order().strict()).ifPresent(file ->
                putFile(MachineException.Kind.BOOT_ORDER_REFUSED, fwCfg, BOOT_ORDER, file));
    }
}
