package jkvm.app.options;

import java.util.List;
import java.util.function.BiConsumer;
import jkvm.app.options.OptionTable.Kind;

/**
 * Rows of {@link OptionTable} for options that QEMU has and jkvm checks only: there is nothing for them to change, or
 * what they ask for is {@link NotYet} there.
 */
final class FurtherOptions {
    private static final List<String> AUDIO_DRIVERS =
            List.of("none", "alsa", "dbus", "jack", "oss", "pa", "sdl", "sndio", "spice", "wav");
    private FurtherOptions() {
    }

    static void addTo(OptionTable table) {
        addWithoutEffect(table);
        addForOtherTargets(table);
        addMedia(table);
        addMachine(table);
        addDisplay(table);
        addProcess(table);
        addLooks(table);
    }

    private static void addWithoutEffect(OptionTable table) {
        BiConsumer<ConfigBuilder, String> nothing = (_, _) -> { };
        table.addOther(Kind.NO_EFFECT, "", nothing, "no-fd-bootchk", "win2k-hack", "portrait", "singlestep",
                "enable-sync-profile", "async-teardown");
        table.addOther(Kind.NO_EFFECT, "FILE", nothing, "qtest-log");
        table.addOther(Kind.NO_EFFECT, "DEGREES", nothing, "rotate");
        table.addOther(Kind.NO_EFFECT, "ACTION", (c, v) -> MachineOptions.action(c, "watchdog=" + v),
                "watchdog-action");
        // It says what to do about states of devices that cannot be saved: all of jkvm's can.
        table.addOther(Kind.NO_EFFECT, "", nothing, "only-migratable");
    }

    private static void addForOtherTargets(OptionTable table) {
        for (String name : new String[] {"semihosting", "old-param", "xen-attach", "xen-domid-restrict"}) {
            table.addOther(Kind.HANDLED, "", (_, _) -> refuse(name), name);
        }
        for (String name : new String[] {"semihosting-config", "xen-domid", "g", "prom-env"}) {
            table.addOther(Kind.HANDLED, "VALUE", (_, _) -> refuse(name), name);
        }
    }

    private static void refuse(String name) {
        throw new UsageException("-" + name + ": Option not supported for this target");
    }

    private static void addMedia(OptionTable table) {
        notYet(table, NotYet.FLASH, "FILE", "pflash", "mtdblock");
        notYet(table, NotYet.SD_CARD, "FILE", "sd");
        notYet(table, NotYet.DEVICE_TREE, "FILE", "dtb");
        checked(table, NotYet.ISCSI, OptionSchema.of("").text("user", "password", "password-secret", "initiator-name",
                "id").number("timeout").choice("header-digest", "CRC32C", "CRC32C-NONE", "NONE-CRC32C", "NONE"),
                "iscsi");
        checked(table, NotYet.GUEST_FOLDERS, sharedFolder("fsdriver").require("fsdriver", "id"), "fsdev");
        checked(table, NotYet.GUEST_FOLDERS, sharedFolder("fsdriver").text("mount_tag")
                .choice("multidevs", "remap", "forbid", "warn").require("fsdriver", "mount_tag"), "virtfs");
    }

    private static OptionSchema sharedFolder(String implied) {
        OptionSchema schema = OptionSchema.of(implied).choice("fsdriver", "local", "proxy", "synth")
                .text("id", "path", "socket", "fmode", "dmode").number("sock_fd").flag("readonly")
                .choice("security_model", "mapped-xattr", "mapped-file", "mapped", "passthrough", "none")
                .choice("writeout", "immediate");
        for (String unit : new String[] {"bps", "iops"}) {
            for (String direction : new String[] {"total", "read", "write"}) {
                String name = "throttling." + unit + "-" + direction;
                schema.number(name, name + "-max", name + "-max-length");
            }
        }
        return schema.number("throttling.iops-size");
    }

    private static void addMachine(OptionTable table) {
        table.addOther(Kind.HANDLED, "node|dist|cpu[,...]", (c, v) -> c.numa.add(c, v), "numa");
        notYet(table, NotYet.VM_STATE_LIST, "FILE", "dump-vmstate");
        notYet(table, NotYet.USB, "", "usb");
        notYet(table, NotYet.USB_DEVICE, "NAME", "usbdevice");
        table.addOther(Kind.HANDLED, "file=F|data=F[:F][,sig=...]", (c, v) -> c.acpiTables.add(c, v), "acpitable");
        checked(table, NotYet.TPM, OptionSchema.of("type").choice("type", "passthrough", "emulator")
                .text("id", "path", "cancel-path", "chardev").require("type", "id"), "tpmdev");
    }

    private static void addDisplay(OptionTable table) {
        notYet(table, NotYet.FULL_SCREEN, "", "full-screen");
        notYet(table, NotYet.SPICE, "port=PORT[,...]", "spice");
        notYet(table, NotYet.AUDIO, "", "audio-help");
        table.addOther(Kind.NOT_YET, "driver=DRIVER,id=ID[,...]", (c, v) -> audio(c, "-audiodev", v, "id"), "audiodev");
        table.addOther(Kind.NOT_YET, "driver=DRIVER,model=M[,...]", (c, v) -> audio(c, "-audio", v, "model"), "audio");
    }

    private static void addProcess(OptionTable table) {
        notYet(table, NotYet.CHROOT, "FOLDER", "chroot");
        notYet(table, NotYet.SWITCH_USER, "USER", "runas");
        notYet(table, NotYet.PRECONFIG, "", "preconfig");
        OptionSchema policy = OptionSchema.of("enable").flag("enable").choice("obsolete", "allow", "deny")
                .choice("elevateprivileges", "allow", "deny", "children").choice("spawn", "allow", "deny")
                .choice("resourcecontrol", "allow", "deny");
        table.addOther(Kind.NOT_YET, "on|off[,...]", (c, v) -> {
            if (policy.read("-sandbox", v).getOrDefault("enable", "off").equals("on")) {
                c.notYet("-sandbox " + v, NotYet.SANDBOX);
            }
        }, "sandbox");
        checked(table, NotYet.COMPATIBILITY, OptionSchema.of("").choice("deprecated-input", "accept", "reject", "crash")
                .choice("deprecated-output", "accept", "hide").choice("unstable-input", "accept", "reject", "crash")
                .choice("unstable-output", "accept", "hide"), "compat");
        checked(table, NotYet.PASSED_FILES, OptionSchema.of("").number("fd", "set").text("opaque").require("fd", "set"),
                "add-fd");
        notYet(table, NotYet.PLUGIN, "FILE[,...]", "plugin");
    }

    /** Those that look into a machine. */
    private static void addLooks(OptionTable table) {
        notYet(table, NotYet.DEBUG_LOG, "RANGE[,...]", "dfilter");
        table.addOther(Kind.NOT_YET, "DEV", (c, v) -> c.notYet("-qtest " + v, NotYet.MONITOR), "qtest");
        table.addOther(Kind.NO_EFFECT, "CHR", (_, _) -> { }, "echr");
    }

    private static void notYet(OptionTable table, NotYet missing, String argument, String... names) {
        for (String name : names) {
            table.addOther(Kind.NOT_YET, argument,
                    (c, v) -> c.notYet(("-" + name + " " + v).stripTrailing(), missing), name);
        }
    }

    private static void checked(OptionTable table, NotYet missing, OptionSchema schema, String name) {
        table.addOther(Kind.NOT_YET, "NAME=VALUE[,...]", (c, v) -> {
            schema.read("-" + name, v);
            c.notYet("-" + name + " " + v, missing);
        }, name);
    }

    /** @param key the property that is required beside the driver */
    private static void audio(ConfigBuilder config, String option, String text, String key) {
        OptionValues values = new OptionValues(option, text, "driver");
        String driver = values.require("driver");
        values.choice("driver", driver, AUDIO_DRIVERS);
        String name = values.require(key);
        if (driver.equals("none")) {
            // Sound that nobody hears is what there is.
            config.silentAudio.add(name);
            return;
        }
        config.notYet(option + " " + text, NotYet.AUDIO);
    }
}
