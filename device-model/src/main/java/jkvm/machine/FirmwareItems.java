package jkvm.machine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jkvm.boot.RawFile;
import jkvm.bus.ConfigurationException;
import jkvm.device.platform.BootDevices;
import jkvm.device.platform.FwCfg;
import jkvm.device.platform.Rtc;
import jkvm.memory.GuestMemory;
import jkvm.tables.FirmwareFiles;
import jkvm.tables.PlatformDescription;

/** Fills the places where firmware looks: the configuration device and the clock's memory. */
final class FirmwareItems {
    private static final String USER_PREFIX = "opt/";
    private static final int MAX_ITEM_SIZE = 64 << 20;
    private static final String BOOT_ORDER = "bootorder";

    private final FirmwareConfig config;

    FirmwareItems(FirmwareConfig config) {
        this.config = config;
    }

    /**
     * Makes the device.
     *
     * @param tablesForFirmware true if the machine's firmware makes its tables out of what it finds here
     * @param warnings          gets one line for each doubtful name
     * @throws ConfigurationException  if two items have one name, or there are too many
     * @throws jkvm.boot.BootException if a file cannot be read
     */
    FwCfg fwCfg(GuestMemory memory, PlatformDescription platform, boolean tablesForFirmware, List<String> warnings) {
        FwCfg fwCfg = new FwCfg("fw-cfg", memory);
        fwCfg.putLong(FwCfg.RAM_SIZE_KEY, memory.size());
        platform.uuid().ifPresent(uuid -> fwCfg.putBytes(FwCfg.UUID_KEY, ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits()).array()));
        fwCfg.putShort(FwCfg.CPU_COUNT_KEY, platform.cpus());
        fwCfg.putShort(FwCfg.MAX_CPUS_KEY, platform.cpus());
        fwCfg.putShort(FwCfg.NOGRAPHIC_KEY, 1);
        fwCfg.putShort(FwCfg.BOOT_MENU_KEY, config.bootMenu() ? 1 : 0);
        fwCfg.putBytes(FwCfg.TIMER_OVERRIDE_KEY, new byte[] {1});
        config.menuMillis().ifPresent(millis -> fwCfg.putFile("etc/boot-menu-wait", littleEndian(millis, Short.BYTES)));
        fwCfg.putFile("etc/boot-fail-wait", littleEndian(config.rebootMillis().orElse(-1), Integer.BYTES));
        if (tablesForFirmware) {
            FirmwareFiles.of(memory, platform).forEach(fwCfg::putFile);
        }
        config.items().forEach(item -> put(fwCfg, item, warnings));
        return fwCfg;
    }

    private static void put(FwCfg fwCfg, FirmwareConfig.Item item, List<String> warnings) {
        if (!item.name().startsWith(USER_PREFIX)) {
            warnings.add(item.option() + ": externally provided fw_cfg item names should be prefixed with \""
                    + USER_PREFIX + "\"");
        }
        byte[] content = item.file().map(path -> RawFile.read("-fw_cfg file", path, MAX_ITEM_SIZE))
                .orElseGet(() -> item.text().getBytes(StandardCharsets.UTF_8));
        putFile(item.option(), fwCfg, item.name(), content);
    }

    /**
     * Adds a file.
     *
     * @param option what it is added for, for messages
     * @throws ConfigurationException if its name is taken or too long, or there are too many
     */
    static void putFile(String option, FwCfg fwCfg, String name, byte[] content) {
        try {
            fwCfg.putFile(name, content);
        } catch (IllegalArgumentException refused) {
            throw new ConfigurationException(option + ": " + refused.getMessage(), refused);
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
    BootDevices bootDevices(Rtc rtc) {
        return new BootDevices("boot-devices", rtc, config.order().kinds(), config.order().once());
    }

    /** What the user put in front of that. No guest runs. */
    void putBootOrder(BootOrder order, FwCfg fwCfg) {
        order.file(config.order().strict()).ifPresent(file ->
                putFile("bootindex= makes the file " + BOOT_ORDER, fwCfg, BOOT_ORDER, file));
    }
}
