package jkvm.app.options;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.ChardevSpec.Backend;

/** Reads the short form of a chardev, {@code KIND} or {@code KIND:ARGUMENT}, as {@code -serial} takes it. */
final class SerialText {
    /** An address may stand in brackets. */
    private static final String HOST = "(\\[[^\\]]*\\]|[^:,@]*)";
    private static final String TCP = HOST + ":([^,:]+)(,.*)?";
    private static final String UDP = HOST + ":([^,:@]+)(?:@" + HOST + ":([^,:@]+))?";
    private static final String SCREEN_SIZE = "[0-9]+C?x[0-9]+C?";

    private final String option;
    private final String where;
    private final String kind;
    private final Optional<String> argument;

    /**
     * @param option for messages
     * @param text   the option's value, for messages
     * @param form   the value without {@code mon:}
     */
    SerialText(String option, String text, String form) {
        this.option = option;
        this.where = option + " " + text;
        boolean isDevice = form.startsWith("/dev/");
        int colon = form.indexOf(':');
        this.kind = isDevice ? "/dev/" : colon < 0 ? form : form.substring(0, colon);
        this.argument = isDevice ? Optional.of(form) : colon < 0 ? Optional.empty()
                : Optional.of(form.substring(colon + 1));
    }

    /**
     * @param mux true if a terminal's Ctrl-C is the guest's
     * @return empty for a form that there is not
     */
    Optional<Backend> read(boolean mux) {
        return argument.isPresent() ? withArgument(argument.get()) : switch (kind) {
            case "stdio" -> Optional.of(new ChardevSpec.Stdio(!mux));
            case "null", "vc" -> Optional.of(new ChardevSpec.Null());
            case "none" -> Optional.of(new ChardevSpec.None());
            case "pty" -> Optional.of(new ChardevSpec.Pty());
            case "file", "pipe", "unix" -> throw new UsageException(where + ": give it a path");
            case "msmouse", "braille", "testdev", "wctablet" -> throw new UsageException(NotYet.CHARDEV.line(where));
            default -> Optional.empty();
        };
    }

    private Optional<Backend> withArgument(String value) {
        return switch (kind) {
            case "file" -> Optional.of(new ChardevSpec.OutputFile(ChardevOptions.path(where, path(value)), false));
            case "pipe" -> Optional.of(new ChardevSpec.Pipe(ChardevOptions.path(where, path(value))));
            case "/dev/" -> Optional.of(new ChardevSpec.HostDevice(ChardevOptions.path(where, value)));
            case "unix" -> Optional.of(unix(path(value)));
            case "tcp", "telnet" -> Optional.of(tcp(value));
            case "udp" -> Optional.of(udp(value));
            case "vc" -> value.matches(SCREEN_SIZE) ? Optional.of(new ChardevSpec.Null()) : Optional.empty();
            case "tn3270", "websocket" -> throw new UsageException(NotYet.CHARDEV.line(where));
            default -> Optional.empty();
        };
    }

    private String path(String value) {
        if (value.isEmpty()) {
            throw new UsageException(where + ": give it a path");
        }
        return value;
    }

    private Backend unix(String value) {
        return socket(new OptionValues(option, value, "path"));
    }

    private Backend tcp(String value) {
        Matcher parts = Pattern.compile(TCP).matcher(value);
        if (!parts.matches()) {
            throw new UsageException(where + ": write it as " + kind + ":[HOST]:PORT[,server=on][,wait=off]");
        }
        String rest = parts.group(3) == null ? "" : parts.group(3);
        String telnet = kind.equals("telnet") ? ",telnet=on" : "";
        return socket(new OptionValues(option,
                "host=" + host(parts.group(1)) + ",port=" + parts.group(2) + telnet + rest, ""));
    }

    private static Backend socket(OptionValues values) {
        Backend backend = new ChardevKinds(values).socket();
        values.end();
        return backend;
    }

    private Backend udp(String value) {
        Matcher parts = Pattern.compile(UDP).matcher(value);
        if (!parts.matches()) {
            throw new UsageException(where + ": write it as udp:[HOST]:PORT[@[HOST]:PORT]");
        }
        StringBuilder text = new StringBuilder("host=" + host(parts.group(1)) + ",port=" + parts.group(2));
        if (parts.group(4) != null) {
            text.append(",localaddr=").append(host(parts.group(3))).append(",localport=").append(parts.group(4));
        }
        OptionValues values = new OptionValues(option, text.toString(), "");
        Backend backend = new ChardevKinds(values).read("udp");
        values.end();
        return backend;
    }

    private static String host(String text) {
        return text.startsWith("[") ? text.substring(1, text.length() - 1) : text;
    }
}
