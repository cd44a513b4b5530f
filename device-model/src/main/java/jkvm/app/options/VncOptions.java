package jkvm.app.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import jkvm.control.vnc.Keymap;
import jkvm.control.vnc.VncAddress;
import jkvm.control.vnc.VncConfig;

/**
 * Reads {@code -vnc}, {@code -display vnc=} and {@code -k}. A display without a host is for this host alone, where QEMU
 * takes all of the host's addresses: {@code 0.0.0.0:N} asks for them.
 */
final class VncOptions {
    private static final int MAX_PORT = 65535;
    /** Layouts of QEMU's. */
    private static final List<String> LAYOUTS = List.of("ar", "bepo", "cz", "da", "de", "de-ch", "en-gb", "en-us",
            "es", "et", "fi", "fo", "fr", "fr-be", "fr-ca", "fr-ch", "hr", "hu", "is", "it", "ja", "lt", "lv", "mk",
            "nl", "no", "pl", "pt", "pt-br", "ru", "sl", "sv", "th", "tr");

    private final ConfigBuilder config;
    private final List<String> texts = new ArrayList<>();
    private String layout = Keymap.DEFAULT;

    VncOptions(ConfigBuilder config) {
        this.config = config;
    }

    /** {@code -vnc}. */
    void add(String text) {
        texts.add(text);
    }

    /** True if somebody may look at the screen by VNC. */
    boolean areAsked() {
        return texts.stream().anyMatch(text -> !text.equals("none"));
    }

    /** {@code -k}. */
    void layout(String name) {
        layout = name;
    }

    /** The servers, once all secrets are declared. */
    List<VncConfig> read() {
        List<VncConfig> servers = new ArrayList<>();
        for (String text : texts) {
            if (!text.equals("none")) {
                servers.add(read(text, servers.isEmpty() ? "default" : "vnc" + (servers.size() + 1)));
            }
        }
        return servers;
    }

    private VncConfig read(String text, String defaultId) {
        OptionValues values = new OptionValues("-vnc", text, "vnc");
        String id = values.takeId().orElse(defaultId);
        boolean calls = values.takeFlag("reverse", false);
        Optional<Long> last = values.takeNumber("to", 0, MAX_PORT - VncAddress.FIRST_PORT);
        String place = values.require("vnc");
        Optional<VncAddress> address = place.equals("none") ? Optional.empty()
                : Optional.of(address(values, place, calls ? 0 : VncAddress.FIRST_PORT, last));
        Optional<VncAddress> websocket = values.take("websocket").filter(value -> !value.equals("off"))
                .map(value -> websocket(values, value, address));
        boolean asksPassword = values.takeFlag("password", false);
        Optional<byte[]> secret = values.take("password-secret").map(name -> secret(values, name));
        String share = values.takeChoice("share", "allow-exclusive", "force-shared", "ignore")
                .orElse("allow-exclusive");
        long connections = values.takeNumber("connections", 1, 1 << 10)
                .orElse((long) VncConfig.DEFAULT_CONNECTIONS);
        takeOthers(values);
        values.end();
        return new VncConfig(id, address, websocket, calls, asksPassword || secret.isPresent(), secret,
                VncConfig.Share.valueOf(share.toUpperCase(Locale.ROOT).replace('-', '_')),
                (int) connections, keymap(values), config.name.isEmpty() ? "jkvm" : "jkvm (" + config.name + ")");
    }

    /** Properties that change nothing here, and those that ask for what is not there. */
    private void takeOthers(OptionValues values) {
        for (String tuning : new String[] {"lossy", "non-adaptive", "power-control", "ipv4", "ipv6"}) {
            values.takeFlag(tuning, false);
        }
        values.take("key-delay-ms");
        values.take("display");
        values.takeNumber("head", 0, Integer.MAX_VALUE);
        values.take("audiodev").filter(id -> !config.silentAudio.contains(id)).ifPresent(id -> {
            throw values.error("Audiodev '" + id + "' not found; there is sound of -audiodev none,id=ID alone");
        });
        for (String absent : new String[] {"tls-creds", "tls-authz", "sasl", "sasl-authz", "acl"}) {
            if (values.has(absent)) {
                config.notYet(values.where() + ": " + absent, NotYet.VNC_SECURITY);
                values.take(absent);
            }
        }
    }

    private Keymap keymap(OptionValues values) {
        Optional<Keymap> keymap = Keymap.named(layout);
        if (keymap.isPresent()) {
            return keymap.get();
        }
        if (!LAYOUTS.contains(layout)) {
            throw new UsageException("-k " + layout + ": could not read keymap file: '" + layout + "'; there are "
                    + String.join(", ", Keymap.names()));
        }
        config.notYet("-k " + layout, NotYet.KEYMAP);
        return Keymap.named(Keymap.DEFAULT).orElseThrow(() -> values.error("no keymap"));
    }

    private byte[] secret(OptionValues values, String name) {
        byte[] secret = config.secrets.get(name);
        if (secret == null) {
            throw values.error("No secret with id '" + name + "'");
        }
        return secret;
    }

    /** {@code HOST:DISPLAY}, {@code :DISPLAY} or {@code unix:PATH}. */
    private static VncAddress address(OptionValues values, String text, int firstPort, Optional<Long> last) {
        if (text.startsWith("unix:")) {
            return new VncAddress.Unix(path(values, text.substring("unix:".length())));
        }
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw values.error("no vnc port specified; write :DISPLAY, HOST:DISPLAY or unix:PATH");
        }
        int port = firstPort + number(values, text.substring(colon + 1), MAX_PORT - firstPort);
        int lastPort = last.map(display -> Math.max(port, firstPort + display.intValue())).orElse(port);
        return new VncAddress.Tcp(host(text.substring(0, colon)), port, lastPort);
    }

    private static VncAddress websocket(OptionValues values, String text, Optional<VncAddress> address) {
        if (text.startsWith("unix:")) {
            return new VncAddress.Unix(path(values, text.substring("unix:".length())));
        }
        String host = address.orElse(null) instanceof VncAddress.Tcp tcp ? tcp.host() : "";
        if (text.equals("on")) {
            if (!(address.orElse(null) instanceof VncAddress.Tcp)) {
                throw values.error("explicit websocket port is required");
            }
            return new VncAddress.Tcp(host, 0, 0);
        }
        int colon = text.lastIndexOf(':');
        int port = number(values, text.substring(colon + 1), MAX_PORT);
        return new VncAddress.Tcp(colon < 0 ? host : host(text.substring(0, colon)), port, port);
    }

    private static Path path(OptionValues values, String path) {
        return ChardevOptions.path(values.where(), path);
    }

    private static String host(String text) {
        return text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    }

    private static int number(OptionValues values, String text, int max) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 0 && number <= max) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Told below.
        }
        throw values.error("can't convert to a number: " + text + "; it is 0 to " + max);
    }
}
