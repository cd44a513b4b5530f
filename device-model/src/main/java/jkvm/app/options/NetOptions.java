package jkvm.app.options;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import jkvm.host.net.DumpFilter;
import jkvm.host.net.DumpSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.netdev.NetdevSpec.Backend;
import jkvm.host.netdev.NicSpec;

/** Reads {@code -netdev}, {@code -nic} and {@code -object} as QEMU does. */
final class NetOptions {
    /** The output of {@code -netdev help} and {@code -nic help}. */
    static final String HELP = """
            user,id=ID                      a network that needs no privilege; also
              [,hostfwd=tcp|udp:[HOST]:PORT-[GUEST]:PORT][,restrict=on][,ipv4=on|off][,ipv6=on|off]
              [,net=ADDRESS/BITS][,host=ADDRESS][,dns=ADDRESS][,dhcpstart=ADDRESS]
              [,hostname=H][,domainname=D][,dnssearch=D][,tftp=FOLDER][,bootfile=F][,tftp-server-name=S]
            tap,id=ID[,ifname=NAME]         an interface of the host
            socket,id=ID,listen=[HOST]:PORT waits for another machine, jkvm's or QEMU's
            socket,id=ID,connect=HOST:PORT  to one that waits
            hubport,id=ID,hubid=N           a port of hub N for a card; with netdev=ID for a network
            """;
    private static final String KINDS = "user, tap, socket, hubport";
    /** Properties that may be given more than once. */
    private static final List<String> REPEATED = List.of("hostfwd", "dnssearch");

    private static final String OF_THE_CARD = "it belongs to the card: -device e1000,netdev=ID";
    private static final String OBJECT_TYPE = "filter-dump";
    /** QEMU's; no frame is that long. */
    private static final long MAX_LENGTH_LIMIT = 0xffff_ffffL;

    private final Map<String, NetdevSpec> declared = new LinkedHashMap<>();
    private final Map<String, DumpSpec> captures = new LinkedHashMap<>();
    private final HubOptions hubs = new HubOptions();
    private int unnamed;

    /** One option's value, those of its properties that may be repeated apart. */
    private record Parts(OptionValues values, Map<String, List<String>> repeated) {
    }

    private static Parts parts(String option, String text) {
        Map<String, List<String>> repeated = new LinkedHashMap<>();
        REPEATED.forEach(key -> repeated.put(key, new ArrayList<>()));
        List<String> rest = new ArrayList<>();
        for (String element : OptionValues.split(text)) {
            int equals = element.indexOf('=');
            List<String> values = repeated.get(equals < 0 ? "" : element.substring(0, equals));
            if (values != null) {
                values.add(element.substring(equals + 1));
            } else {
                rest.add(element.replace(",", ",,"));
            }
        }
        OptionValues values = new OptionValues(option, String.join(",", rest), "type");
        // Those without a value are left; and all are known, for messages.
        REPEATED.forEach(values::take);
        return new Parts(values, repeated);
    }

    private static String kind(OptionValues values, String kinds) {
        return values.take("type").filter(kind -> !kind.isEmpty())
                .orElseThrow(() -> values.error("begin with the kind of network: " + kinds));
    }

    /**
     * Takes a {@code -netdev} option.
     *
     * @throws UsageException if it cannot be meant
     */
    NetdevSpec netdev(String text) {
        Parts parts = parts("-netdev", text);
        OptionValues values = parts.values;
        String kind = kind(values, KINDS);
        values.refuse("model", OF_THE_CARD);
        values.refuse("mac", OF_THE_CARD);
        NetdevSpec spec = new NetdevSpec(id(values), backend(parts, kind));
        if (hubs.isTaken(values)) {
            // No card can name it.
            values.end();
            return spec;
        }
        return declare(spec, values);
    }

    private static String id(OptionValues values) {
        return values.takeId().orElseThrow(() -> values.error("give it an id=NAME"));
    }

    private NetdevSpec declare(NetdevSpec spec, OptionValues values) {
        values.end();
        if (declared.putIfAbsent(spec.id(), spec) != null) {
            throw values.error("the id " + spec.id() + " is in use already");
        }
        return spec;
    }

    /**
     * Takes a {@code -nic} option.
     *
     * @return empty for {@code none}
     */
    Optional<NicSpec> nic(String text) {
        if (text.equals("none")) {
            return Optional.empty();
        }
        Parts parts = parts("-nic", text);
        OptionValues values = parts.values;
        String kind = kind(values, KINDS + ", none");
        if (kind.equals("none")) {
            throw values.error("none takes no properties");
        }
        String id = values.takeId().orElse("#nic" + unnamed);
        unnamed++;
        Optional<String> model = values.take("model");
        Optional<Long> mac = values.take("mac").map(address -> mac(values, address));
        Backend backend = backend(parts, kind);
        if (hubs.isTaken(values)) {
            throw values.error("property netdev: a card and a network need a port each; leave it out");
        }
        return Optional.of(new NicSpec(declare(new NetdevSpec(id, backend), values), model, mac));
    }

    /**
     * Takes a {@code -net} that is a network and no card.
     *
     * @param kind of network
     */
    NetdevSpec hubNetwork(String text, String kind) {
        Parts parts = parts("-net", text);
        OptionValues values = parts.values;
        values.take("type");
        String id = values.takeId().orElse("#net" + unnamed);
        unnamed++;
        return declare(new NetdevSpec(id, backend(parts, kind)), values);
    }

    /** The hub that a declared network is a port of. */
    Optional<Integer> hubOf(String id) {
        return Optional.ofNullable(declared.get(id)).filter(spec -> spec.backend() instanceof NetdevSpec.HubPort)
                .map(spec -> ((NetdevSpec.HubPort) spec.backend()).hub());
    }

    /** The hubs. */
    HubOptions hubs() {
        return hubs;
    }

    /** Takes an {@code -object}: a capture. Whether its {@code netdev=} is there is seen once all options are read. */
    DumpSpec object(String text) {
        OptionValues values = new OptionValues("-object", text, "qom-type");
        String type = values.require("qom-type");
        if (!type.equals(OBJECT_TYPE)) {
            throw values.error("jkvm has no object " + type + "; it has " + OBJECT_TYPE
                    + Suggestion.of(type, List.of(OBJECT_TYPE)));
        }
        values.takeFixed("queue", "all");
        values.takeFixed("status", "on");
        DumpSpec spec = new DumpSpec(id(values), values.require("netdev"),
                ChardevOptions.path(values.where(), values.require("file")),
                values.takeNumber("maxlen", 1, MAX_LENGTH_LIMIT).map(length -> Math.min(length, Integer.MAX_VALUE))
                        .orElse((long) DumpFilter.DEFAULT_MAX_LENGTH).intValue());
        values.end();
        if (captures.putIfAbsent(spec.id(), spec) != null) {
            throw values.error("the id " + spec.id() + " is in use already");
        }
        return spec;
    }

    /**
     * Refuses a capture that would stay empty. All options have been read.
     *
     * @param used ids of the backends that have a NIC
     */
    void checkCaptures(Set<String> used) {
        for (DumpSpec capture : captures.values()) {
            String where = "-object " + OBJECT_TYPE + ",id=" + capture.id();
            String netdev = find(where, capture.netdev()).id();
            if (!used.contains(netdev)) {
                throw new UsageException(where + ": netdev " + netdev + " has no card; add"
                        + " -device e1000,netdev=" + netdev);
            }
        }
    }

    /**
     * Ids of the backends that have no NIC.
     *
     * @param used ids of those that have one
     */
    List<String> unused(Set<String> used) {
        return declared.keySet().stream().filter(id -> !used.contains(id)).toList();
    }

    /** All backends, without their captures. */
    List<NetdevSpec> declared() {
        return List.copyOf(declared.values());
    }

    /** The backend with its captures. All options have been read. */
    NetdevSpec withCaptures(NetdevSpec spec) {
        return new NetdevSpec(spec.id(), spec.backend() instanceof NetdevSpec.HubPort port
                ? new NetdevSpec.HubPort(port.hub(), networksOf(port.hub())) : spec.backend(),
                captures.values().stream().filter(capture -> capture.netdev().equals(spec.id())).toList());
    }

    private List<NetdevSpec> networksOf(int hub) {
        List<NetdevSpec> networks = new ArrayList<>();
        hubs.networksOf(hub).forEach((id, where) -> networks.add(withCaptures(find(where, id))));
        return networks;
    }

    /**
     * The backend that a device's {@code netdev=} names.
     *
     * @param where the option, for messages
     */
    NetdevSpec find(String where, String id) {
        NetdevSpec spec = declared.get(id);
        if (spec == null) {
            throw new UsageException(where + ": there is no -netdev with id=" + id
                    + Suggestion.of(id, declared.keySet()));
        }
        return spec;
    }

    private Backend backend(Parts parts, String kind) {
        return kind.equals("hubport") ? hubs.port(parts.values) : network(parts, kind);
    }

    private static Backend network(Parts parts, String kind) {
        OptionValues values = parts.values;
        if (!kind.equals("user")) {
            parts.repeated.forEach((key, given) -> {
                if (!given.isEmpty()) {
                    throw values.error("property " + key + " is for user networks only");
                }
            });
        }
        return switch (kind) {
            case "user" -> new NetdevSpec.User(new UserNetOptions(values).read(parts.repeated.get("hostfwd"),
                    parts.repeated.get("dnssearch")));
            case "tap" -> tap(values);
            case "socket" -> socket(values);
            default -> throw values.error("unknown network " + kind + "; jkvm has " + KINDS
                    + Suggestion.of(kind, List.of("user", "tap", "socket", "hubport")));
        };
    }

    private static Backend tap(OptionValues values) {
        values.takeFixed("vhost", "off");
        values.takeFixed("queues", "1");
        for (String key : new String[] {"fd", "fds", "helper", "br", "vhostfd", "vhostfds"}) {
            values.refuse(key, "jkvm opens the interface itself, ifname=NAME");
        }
        String name = values.take("ifname").orElse("");
        if (name.length() > 15 || !name.matches("[\\x21-\\x7e&&[^/]]*")) {
            throw values.error("an interface's name has up to 15 letters and digits");
        }
        // QEMU runs a script of the host's unless told not to.
        values.takeFixed("script", "no");
        values.takeFixed("downscript", "no");
        values.takeFixed("vnet_hdr", "on");
        return new NetdevSpec.Tap(name);
    }

    private static Backend socket(OptionValues values) {
        for (String key : new String[] {"fd", "mcast", "udp", "localaddr"}) {
            values.refuse(key, "jkvm has listen= and connect= only");
        }
        Optional<String> listen = values.take("listen");
        Optional<String> connect = values.take("connect");
        if (listen.isPresent() == connect.isPresent()) {
            throw values.error("give it one of listen=[HOST]:PORT and connect=HOST:PORT");
        }
        return listen.isPresent() ? new NetdevSpec.SocketListen(address(values, listen.get(), "0.0.0.0"))
                : new NetdevSpec.SocketConnect(address(values, connect.get(), "127.0.0.1"));
    }

    private static InetSocketAddress address(OptionValues values, String text, String anyHost) {
        int colon = text.lastIndexOf(':');
        String host = colon <= 0 ? anyHost : text.substring(0, colon).replaceAll("^\\[|\\]$", "");
        try {
            return new InetSocketAddress(InetAddress.getByName(host),
                    port(values, "", text.substring(colon + 1), 0));
        } catch (UnknownHostException e) {
            throw values.error("unknown host " + host);
        }
    }

    /**
     * A port from {@code lowest} on.
     *
     * @param where begins the message, after the option
     */
    static int port(OptionValues values, String where, String text, int lowest) {
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
        if (port < lowest || port > 65535) {
            throw values.error(where + "not a port: " + text + "; write a number from " + lowest + " to 65535");
        }
        return port;
    }

    /** Reads a MAC address: six bytes, hexadecimal, with colons or dashes; not a group's. */
    static long mac(OptionValues values, String text) {
        if (!text.matches("([0-9A-Fa-f]{1,2}[:-]){5}[0-9A-Fa-f]{1,2}")) {
            throw values.error("not a MAC address: " + text + "; write one like 52:54:00:12:34:56");
        }
        long mac = 0;
        for (String part : text.split("[:-]")) {
            mac = mac << 8 | Integer.parseInt(part, 16);
        }
        if ((mac >>> 40 & 1) != 0) {
            throw values.error("a NIC cannot have a multicast address: " + text);
        }
        return mac;
    }
}
