package jkvm.app.options;

import java.io.Console;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code -display}, {@code -vnc} and {@code -vga}: where the screen is seen, and what makes it. */
final class DisplayOptions {
    private static final List<String> OTHER_ADAPTERS = List.of("cirrus", "vmware", "qxl", "virtio");

    private static final int MAX_PORT = 65535;

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
        if (type.startsWith("web=")) {
            config.display = Optional.of(new DisplayConfig.Web(webPort(text)));
            return;
        }
        String name = type.startsWith("type=") ? type.substring(5) : type;
        Map<String, String> given = schema(name, text).read("-display", text);
        switch (name) {
            case "none" -> config.display = Optional.of(new DisplayConfig.None());
            case "curses" -> config.display = Optional.of(curses());
            case "web" -> config.display = Optional.of(new DisplayConfig.Web(0));
            case "window", "gtk", "sdl" -> config.display = Optional.of(window(text, given));
            default -> config.notYet("-display " + text, NotYet.DISPLAY);
        }
    }

    private static DisplayConfig window(String text, Map<String, String> given) {
        if (!DisplayConfig.isOnDesktop()) {
            throw new UsageException("-display " + text + ": no desktop, DISPLAY is not set; -display web shows"
                    + " the screen in a browser, -display curses on this terminal");
        }
        return new DisplayConfig.Window("on".equals(given.get("full-screen")),
                !"off".equals(given.get("window-close")));
    }

    private static DisplayConfig curses() {
        if (Optional.ofNullable(System.console()).filter(Console::isTerminal).isEmpty()) {
            throw new UsageException("-display curses: needs a terminal as standard input and output");
        }
        return new DisplayConfig.Curses();
    }

    private static int webPort(String text) {
        OptionValues values = new OptionValues("-display", text, "type");
        int port = values.takeNumber("web", 0, MAX_PORT).orElse(0L).intValue();
        values.end();
        return port;
    }

    private static OptionSchema schema(String name, String text) {
        OptionSchema common = OptionSchema.of("type").text("type");
        return switch (name) {
            case "none", "web" -> common;
            case "gtk", "window" -> common.choice("gl", "on", "off", "core", "es").flag("full-screen", "grab-on-hover",
                    "show-tabs", "show-cursor", "window-close", "show-menubar", "zoom-to-fit");
            case "sdl" -> common.text("grab-mod").choice("gl", "on", "off", "core", "es")
                    .flag("show-cursor", "window-close", "full-screen");
            case "curses" -> common.text("charset");
            case "egl-headless" -> common.text("rendernode");
            case "spice-app" -> common.choice("gl", "on", "off", "core", "es");
            case "dbus" -> common.text("addr", "rendernode", "audiodev").flag("p2p")
                    .choice("gl", "on", "off", "core", "es");
            default -> throw new UsageException("-display " + text + ": property type does not accept '" + name
                    + "'; there are none, curses, web[=PORT], window, gtk, sdl, vnc=ADDRESS");
        };
    }

    static void vnc(ConfigBuilder config, String text) {
        config.displayChosen = true;
        config.vncs.add(text);
    }
}
