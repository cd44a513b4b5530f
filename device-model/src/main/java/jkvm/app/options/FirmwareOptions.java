package jkvm.app.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jkvm.boot.RawFile;
import jkvm.device.platform.BootDevices;
import jkvm.device.platform.FwCfg;
import jkvm.machine.config.FirmwareConfig;
import jkvm.machine.config.FirmwareConfig.Order;

/** Reads {@code -bios}, {@code -boot} and {@code -fw_cfg}. */
final class FirmwareOptions {
    private static final String BOOT_DEVICES = "abcdn";
    private static final int MAX_MENU_MILLIS = 0xffff;
    private static final long NEVER = -1;

    private final List<FirmwareConfig.Item> items = new ArrayList<>();
    private Optional<Path> rom = Optional.empty();
    private String bootOrder = Order.DEFAULT.kinds();
    private Optional<String> bootOnce = Optional.empty();
    private boolean strict;
    private boolean bootMenu;
    private OptionalInt menuMillis = OptionalInt.empty();
    private OptionalInt rebootMillis = OptionalInt.empty();
    private final List<Path> folders = new ArrayList<>();
    private final List<Path> optionRoms = new ArrayList<>();

    void rom(String text) {
        rom = Optional.of(ChardevOptions.path("-bios " + text, text));
    }

    void folder(String text) {
        folders.add(ChardevOptions.path("-L " + text, text));
    }

    void optionRom(String text) {
        OptionValues values = new OptionValues("-option-rom", text, "romfile");
        optionRoms.add(ChardevOptions.path(values.where(), values.require("romfile")));
        values.takeNumber("bootindex", 0, Integer.MAX_VALUE);
        values.end();
    }

    /** The output of {@code -L help}: the user's folders, then the usual ones. */
    static String folderHelp(List<String> users) {
        return Stream.concat(users.stream(), RawFile.FIRMWARE_FOLDERS.stream().map(Path::toString))
                .collect(Collectors.joining("\n"));
    }

    void item(String text) {
        OptionValues values = new OptionValues("-fw_cfg", text, "name");
        values.refuse("gen_id", "jkvm has no objects that make items; use file= or string=");
        String name = values.take("name").orElse("");
        Optional<String> file = values.take("file").filter(path -> !path.isEmpty());
        Optional<String> string = values.take("string").filter(content -> !content.isEmpty());
        values.end();
        if (name.isEmpty() || file.isPresent() == string.isPresent()) {
            throw values.error("name, plus exactly one of file and string, are needed");
        }
        if (name.length() > FwCfg.MAX_FILE_NAME) {
            throw values.error("name too long (max. " + FwCfg.MAX_FILE_NAME + " char)");
        }
        if (!name.chars().allMatch(c -> c > ' ' && c <= '~')) {
            throw values.error("a name has letters, digits and signs of ASCII only");
        }
        items.add(new FirmwareConfig.Item(name,
                file.map(path -> ChardevOptions.path(values.where(), path)), string.orElse("")));
    }

    void boot(ConfigBuilder config, String text) {
        OptionValues values = new OptionValues("-boot", text, "order");
        boolean hasPicture = values.take("splash").isPresent();
        values.take("order").ifPresent(order -> bootOrder = order(values, order));
        values.take("once").ifPresent(order -> bootOnce = Optional.of(order(values, order)));
        strict = values.takeFlag("strict", strict);
        bootMenu = values.takeFlag("menu", bootMenu);
        values.takeNumber("splash-time", 0, MAX_MENU_MILLIS)
                .ifPresent(millis -> menuMillis = OptionalInt.of(millis.intValue()));
        values.takeNumber("reboot-timeout", NEVER, MAX_MENU_MILLIS).ifPresent(millis -> rebootMillis =
                millis == NEVER ? OptionalInt.empty() : OptionalInt.of(millis.intValue()));
        values.end();
        if (hasPicture) {
            config.notYet(values.where(), NotYet.SPLASH);
        }
    }

    private static String order(OptionValues values, String order) {
        for (int i = 0; i < order.length(); i++) {
            char device = order.charAt(i);
            if (BOOT_DEVICES.indexOf(device) < 0) {
                throw values.error("no boot device " + device
                        + "; there are c (disk), d (CD), n (network), a (floppy)");
            }
            if (order.indexOf(device) != i) {
                throw values.error("boot device " + device + " was given twice");
            }
        }
        if (order.length() > BootDevices.MAX_KINDS) {
            throw values.error("at most " + BootDevices.MAX_KINDS + " boot devices");
        }
        return order;
    }

    FirmwareConfig config() {
        return new FirmwareConfig(rom, items, new Order(bootOrder, bootOnce, strict), bootMenu, menuMillis,
                rebootMillis, folders, optionRoms);
    }
}
