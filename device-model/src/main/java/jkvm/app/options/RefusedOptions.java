package jkvm.app.options;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** QEMU's options that jkvm knows and does not have, with the reason. */
final class RefusedOptions {
    private final Map<String, String> reasons = new HashMap<>();

    RefusedOptions() {
        put("jkvm has one disk of this kind, -hda; add others with -drive file=FILE", "hdb", "hdc", "hdd");
        put("jkvm does not have it; give a disk with -drive file=FILE", "fda", "fdb", "blockdev", "sd", "pflash",
                "mtdblock");
        put("jkvm has no monitor", "mon", "qmp", "qmp-pretty");
        put("without a monitor nothing could start the CPUs again", "S");
        put("jkvm has no debugger interface", "gdb", "s");
        put("jkvm has no USB", "usb", "usbdevice");
        put("jkvm has no display", "full-screen", "spice", "curses", "sdl", "gtk", "k", "alt-grab", "ctrl-grab");
        put("jkvm has no log of QEMU's kind", "d", "D", "trace", "dfilter");
        put("jkvm's machines always have ACPI", "no-acpi");
        put("jkvm cannot change defaults of devices; set the property with -device", "global", "set");
        put("jkvm stays in the foreground; let a service manager or & put it elsewhere", "daemonize");
        put("jkvm has no snapshots and no migration", "loadvm", "incoming", "only-migratable");
        put("jkvm does not have what it sets up", "numa", "smbios", "acpitable", "tpmdev",
                "audiodev", "audio", "virtfs", "fsdev", "semihosting", "watchdog", "watchdog-action", "action",
                "L", "option-rom", "sandbox", "runas", "chroot", "overcommit", "msg", "mem-path", "mem-prealloc");
    }

    private void put(String reason, String... names) {
        for (String name : names) {
            reasons.put(name, reason);
        }
    }

    Optional<String> reason(String name) {
        return Optional.ofNullable(reasons.get(name));
    }
}
