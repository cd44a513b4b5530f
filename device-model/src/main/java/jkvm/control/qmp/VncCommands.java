package jkvm.control.qmp;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import jkvm.control.vnc.ExpiryTime;
import jkvm.control.vnc.VncEvent;
import jkvm.control.vnc.VncFacts;
import jkvm.control.vnc.VncServer;
import jkvm.control.vnc.VncServers;

/** Commands and events of the VNC servers. */
final class VncCommands {
    private static final OutputType<String> FAMILY = Types.choice("NetworkAddressFamily",
            List.of("ipv4", "ipv6", "unix", "vsock", "unknown"));
    private static final String VNC = "vnc";

    /** A viewer, or where it is connected. */
    private record Client(VncFacts.Place place) {
    }

    private record Server(VncFacts.Place place, String authentication) {
    }

    private static final Struct<Client> CLIENT = Struct.<Client>named("VncClientInfo")
            .with("host", Types.STR, client -> client.place().host())
            .with("service", Types.STR, client -> client.place().service())
            .with("family", FAMILY, client -> client.place().family())
            .flag("websocket", client -> client.place().websocket());
    private static final Struct<Server> SERVER = Struct.<Server>named("VncServerInfo2")
            .with("host", Types.STR, server -> server.place().host())
            .with("service", Types.STR, server -> server.place().service())
            .with("family", FAMILY, server -> server.place().family())
            .flag("websocket", server -> server.place().websocket())
            .with("auth", Types.choice("VncPrimaryAuth", List.of("none", VNC)), Server::authentication);
    private static final Struct<VncFacts> DISPLAY = Struct.<VncFacts>named("VncInfo2")
            .with("id", Types.STR, VncFacts::id)
            .with("server", Types.listOf(SERVER), VncCommands::servers)
            .with("clients", Types.listOf(CLIENT), VncCommands::clients)
            .with("auth", Types.choice("VncPrimaryAuth", List.of("none", VNC)), VncFacts::authentication);
    /** Of the first server; empty if there is none. */
    private static final Struct<Optional<VncFacts>> FIRST = Struct.<Optional<VncFacts>>named("VncInfo")
            .flag("enabled", Optional::isPresent)
            .optionally("host", Types.STR, facts -> place(facts).map(VncFacts.Place::host))
            .optionally("service", Types.STR, facts -> place(facts).map(VncFacts.Place::service))
            .optionally("family", FAMILY, facts -> place(facts).map(VncFacts.Place::family))
            .optionally("auth", Types.STR, facts -> facts.map(VncFacts::authentication))
            .optionally("clients", Types.listOf(CLIENT), facts -> facts.map(VncCommands::clients));
    private static final Struct<VncEvent> EVENT = Struct.<VncEvent>named("VncEvent")
            .with("server", Struct.<VncEvent>named("VncServerInfo")
                    .with("host", Types.STR, event -> event.server().host())
                    .with("service", Types.STR, event -> event.server().service())
                    .with("family", FAMILY, event -> event.server().family())
                    .flag("websocket", event -> event.server().websocket())
                    .with("auth", Types.STR, VncEvent::authentication), event -> event)
            .with("client", CLIENT, event -> new Client(event.client()));

    private static final Argument<String> PROTOCOL = Argument.required("protocol",
            Types.choice("DisplayProtocol", new String[] {VNC, "spice"}, name -> name));
    private static final Argument<String> PASSWORD = Argument.required("password", Types.STR);
    private static final Argument<String> CONNECTED = Argument.optional("connected",
            Types.choice("SetPasswordAction", new String[] {"keep", "fail", "disconnect"}, name -> name));
    private static final Argument<String> WHICH = Argument.optional("display", Types.STR);
    private static final Argument<String> TIME = Argument.required("time", Types.STR);

    private final VncServers servers;

    VncCommands(VncServers servers, QmpEvents events) {
        this.servers = servers;
        for (VncEvent.Type type : VncEvent.Type.values()) {
            events.declare(new EventType<>(type.name(), EVENT));
        }
        servers.addListener(event -> events.tell(new EventType<>(event.type().name(), EVENT), event));
    }

    private static Collection<Server> servers(VncFacts facts) {
        return facts.places().stream().map(place -> new Server(place, facts.authentication())).toList();
    }

    private static Collection<Client> clients(VncFacts facts) {
        return facts.clients().stream().map(Client::new).toList();
    }

    private static Optional<VncFacts.Place> place(Optional<VncFacts> facts) {
        return facts.flatMap(known -> known.places().stream().findFirst());
    }

    void addTo(CommandTable table) {
        table.query(Declaration.of("query-vnc").answers(FIRST),
                _ -> servers.find(Optional.empty()).map(VncServer::facts));
        table.query(Declaration.of("query-vnc-servers").answers(Types.listOf(DISPLAY)),
                _ -> servers.all().stream().map(VncServer::facts).toList());
        table.add(Declaration.of("set_password").takes(PROTOCOL, PASSWORD, CONNECTED, WHICH), this::setPassword);
        table.add(Declaration.of("expire_password").takes(PROTOCOL, TIME, WHICH), this::expirePassword);
        table.add(Declaration.of("change-vnc-password").takes(PASSWORD),
                arguments -> set(Optional.empty(), arguments.get(PASSWORD)));
    }

    private void setPassword(Arguments arguments) throws QmpException {
        requireVnc(arguments);
        if (!arguments.find(CONNECTED).orElse("keep").equals("keep")) {
            throw new QmpException("Invalid parameter 'connected'");
        }
        set(arguments.find(WHICH), arguments.get(PASSWORD));
    }

    private void set(Optional<String> id, String password) throws QmpException {
        Optional<VncServer> server = servers.find(id);
        if (server.isEmpty() || !server.get().setPassword(password)) {
            throw new QmpException("Could not set password");
        }
    }

    private void expirePassword(Arguments arguments) throws QmpException {
        requireVnc(arguments);
        Optional<Instant> end = ExpiryTime.read(arguments.get(TIME), Instant.now());
        Optional<VncServer> server = servers.find(arguments.find(WHICH));
        if (end.isEmpty() || server.isEmpty() || !server.get().expirePassword(end.get())) {
            throw new QmpException("Could not set password expire time");
        }
    }

    private static void requireVnc(Arguments arguments) throws QmpException {
        if (!arguments.get(PROTOCOL).equals(VNC)) {
            throw new QmpException(QmpException.Kind.DEVICE_NOT_ACTIVE, "SPICE is not in use");
        }
    }
}
