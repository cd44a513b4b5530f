package jkvm.app.options;

import java.util.Map;
import java.util.Optional;

/** Options that older QEMU had and 7.2 has no more, with the way to write it now: old scripts use them. */
final class RemovedOptions {
    private static final Map<String, String> INSTEAD = Map.ofEntries(
            Map.entry("alt-grab", "use -display sdl,grab-mod=MODIFIERS"),
            Map.entry("balloon", "use -device virtio-balloon"),
            Map.entry("ctrl-grab", "use -display sdl,grab-mod=MODIFIERS"),
            Map.entry("curses", "use -display curses"),
            Map.entry("enable-fips", "it had no effect"),
            Map.entry("enable-hax", "use -accel kvm"),
            Map.entry("localtime", "use -rtc base=localtime"),
            Map.entry("no-frame", "it had no effect"),
            Map.entry("no-kvm", "use -accel tcg"),
            Map.entry("no-kvm-irqchip", "use -machine kernel_irqchip=off"),
            Map.entry("no-kvm-pit-reinjection", "use -global kvm-pit.lost_tick_policy=discard"),
            Map.entry("no-quit", "use -display gtk,window-close=off"),
            Map.entry("nodefconfig", "use -no-user-config"),
            Map.entry("realtime", "use -overcommit mem-lock=on|off"),
            Map.entry("redir", "use -nic user,hostfwd=RULE"),
            Map.entry("rtc-td-hack", "use -rtc driftfix=slew"),
            Map.entry("sdl", "use -display sdl"),
            Map.entry("show-cursor", "use -display sdl,show-cursor=on"),
            Map.entry("smb", "use -nic user,smb=FOLDER"),
            Map.entry("soundhw", "use -device DEVICE with -audiodev"),
            Map.entry("startdate", "use -rtc base=DATE"),
            Map.entry("tb-size", "use -accel tcg,tb-size=N"),
            Map.entry("tdf", "use -rtc driftfix=slew"),
            Map.entry("tftp", "use -nic user,tftp=FOLDER"),
            Map.entry("watchdog", "use -device MODEL"),
            Map.entry("writeconfig", "write the options into a file for -readconfig yourself"));

    private RemovedOptions() {
    }

    /** @param name without its dash */
    static Optional<String> instead(String name) {
        return Optional.ofNullable(INSTEAD.get(name));
    }
}
