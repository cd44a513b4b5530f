package jkvm.app.options;

import java.util.List;
import java.util.Optional;

/** Reads {@code -display}, {@code -vnc} and {@code -vga}: jkvm has no display, and checks what asks for one. */
final class DisplayOptions {
    private static final List<String> OTHER_ADAPTERS = List.of("cirrus", "vmware", "qxl", "virtio");

    private DisplayOptions() {
    }

    static void vga(ConfigBuilder config, String name) {
        if (OTHER_ADAPTERS.contains(name)) {
            config.notYet("-vga " + name, NotYet.VGA);
        } else if (!name.equals("none") && !name.equals("std")) {
            throw new UsageException("-vga " + name + ": unknown vga type: " + name + "; there are none, std, "
                    + String.join(", ", OTHER_ADAPTERS));
        }
        config.adapter = Optional.of(name);
    }

    static void display(ConfigBuilder config, String text) {
        config.displayChosen = true;
        String type = OptionValues.split(text).getFirst();
        if (type.startsWith("vnc=")) {
            vnc(config, text.substring(4));
            return;
        }
        String name = type.startsWith("type=") ? type.substring(5) : type;
        schema(name, text).read("-display", text);
        if (!name.equals("none")) {
            config.notYet("-display " + text, NotYet.DISPLAY);
        }
    }

    private static OptionSchema schema(String name, String text) {
        OptionSchema common = OptionSchema.of("type").text("type");
        return switch (name) {
            case "none" -> common;
            case "gtk" -> common.choice("gl", "on", "off", "core", "es").flag("full-screen", "grab-on-hover",
                    "show-tabs", "show-cursor", "window-close", "show-menubar", "zoom-to-fit");
            case "sdl" -> common.text("grab-mod").choice("gl", "on", "off", "core", "es")
                    .flag("show-cursor", "window-close", "full-screen");
            case "curses" -> common.text("charset");
            case "egl-headless" -> common.text("rendernode");
            case "spice-app" -> common.choice("gl", "on", "off", "core", "es");
            case "dbus" -> common.text("addr", "rendernode", "audiodev").flag("p2p")
                    .choice("gl", "on", "off", "core", "es");
            default -> throw new UsageException("-display " + text + ": property type does not accept '" + name
                    + "'; there are none, gtk, sdl, curses, egl-headless, spice-app, dbus, vnc=ADDRESS");
        };
    }

    static void vnc(ConfigBuilder config, String text) {
        config.displayChosen = true;
        config.vncs.add(text);
    }
}
