package jkvm.control.hmp;

import static jkvm.control.hmp.Parameter.optional;
import static jkvm.control.hmp.Parameter.required;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import jkvm.control.hmp.Parameter.Kind;
import jkvm.control.vnc.ExpiryTime;
import jkvm.control.vnc.VncFacts;
import jkvm.control.vnc.VncServer;
import jkvm.control.vnc.VncServers;
import jkvm.host.input.Button;
import jkvm.host.input.InputEvent;
import jkvm.host.input.InputHub;

/** Commands for the pointing devices and the VNC servers. */
final class DisplayCommands {
    private static final int LEFT_BIT = 1;
    private static final int RIGHT_BIT = 2;
    private static final int MIDDLE_BIT = 4;
    private static final Parameter PROTOCOL = required("protocol", Kind.WORD);

    private final MonitorSession session;
    private final VncServers servers;
    private int buttons;

    DisplayCommands(MonitorSession session, VncServers servers) {
        this.session = session;
        this.servers = servers;
    }

    void addTo(CommandTable commands, CommandTable infos) {
        infos.add(MonitorCommand.of("vnc", "", "show the vnc server status", _ -> servers()));
        infos.add(MonitorCommand.of("mice", "", "show which guest mouse is receiving events", _ -> mice()));
        commands.add(MonitorCommand.of("mouse_move", "dx dy [dz]", "send mouse move events", this::move,
                required("dx", Kind.WORD), required("dy", Kind.WORD), optional("dz", Kind.WORD)));
        commands.add(MonitorCommand.of("mouse_button", "state", "change mouse button state (1=L, 2=R, 4=M)",
                this::press, required("state", Kind.NUMBER)));
        commands.add(MonitorCommand.of("mouse_set", "index", "set which mouse device receives events", this::choose,
                required("index", Kind.NUMBER)));
        commands.add(MonitorCommand.of("set_password", "protocol password [action-if-connected]",
                "set spice/vnc password", this::setPassword, PROTOCOL, required("password", Kind.WORD),
                optional("connected", Kind.WORD)));
        commands.add(MonitorCommand.of("expire_password", "protocol time", "set spice/vnc password expire-time",
                this::expirePassword, PROTOCOL, required("time", Kind.WORD)));
    }

    private InputHub input() {
        return session.machine().input();
    }

    private String mice() {
        List<InputHub.Plug> plugs = input().pointers();
        StringBuilder text = new StringBuilder();
        for (InputHub.Plug plug : plugs) {
            text.append(plug == plugs.getFirst() ? '*' : ' ').append(" Mouse #").append(plug.number()).append(": ")
                    .append(plug.name()).append(plug.isAbsolute() ? " (absolute)\n" : "\n");
        }
        return plugs.isEmpty() ? "No mouse devices connected\n" : text.toString();
    }

    private String move(Arguments arguments) {
        input().send(new InputEvent.Relative(steps(arguments.word("dx")), steps(arguments.word("dy"))));
        arguments.optionalWord("dz").ifPresent(turn -> {
            int direction = Integer.signum(steps(turn));
            if (direction != 0) {
                input().send(new InputEvent.Wheel(-direction));
            }
        });
        return "";
    }

    private static int steps(String text) {
        try {
            return Math.clamp(Long.parseLong(text), -InputHub.MAX_ABSOLUTE, InputHub.MAX_ABSOLUTE);
        } catch (NumberFormatException _) {
            throw new MonitorException("invalid parameter: " + text);
        }
    }

    private String press(Arguments arguments) {
        int state = (int) arguments.number("state");
        press(Button.LEFT, LEFT_BIT, state);
        press(Button.MIDDLE, MIDDLE_BIT, state);
        press(Button.RIGHT, RIGHT_BIT, state);
        buttons = state;
        return "";
    }

    private void press(Button button, int bit, int state) {
        if (((state ^ buttons) & bit) != 0) {
            input().send(new InputEvent.Press(button, (state & bit) != 0));
        }
    }

    private String choose(Arguments arguments) {
        long index = arguments.number("index");
        input().pointers().stream().filter(plug -> plug.number() == index).findFirst()
                .orElseThrow(() -> new MonitorException("Mouse at index '" + index + "' not found")).activate();
        return "";
    }

    private String servers() {
        StringBuilder text = new StringBuilder();
        for (VncServer server : servers.all()) {
            VncFacts facts = server.facts();
            text.append(facts.id()).append(":\n");
            for (VncFacts.Place place : facts.places()) {
                text.append("  Server: ").append(text(place)).append("    Auth: ").append(facts.authentication())
                        .append(" (Sub: none)\n");
            }
            for (VncFacts.Place client : facts.clients()) {
                text.append("  Client: ").append(text(client))
                        .append("    x509_dname: none\n    sasl_username: none\n");
            }
        }
        return text.isEmpty() ? "None\n" : text.toString();
    }

    private static String text(VncFacts.Place place) {
        return place.host() + ":" + place.service() + " (" + place.family() + (place.websocket() ? " (Websocket)" : "")
                + ")\n";
    }

    private String setPassword(Arguments arguments) {
        requireVnc(arguments);
        if (!arguments.optionalWord("connected").orElse("keep").equals("keep")) {
            throw new MonitorException("Error: Invalid parameter 'connected'");
        }
        Optional<VncServer> server = servers.find(Optional.empty());
        if (server.isEmpty() || !server.get().setPassword(arguments.word("password"))) {
            throw new MonitorException("Error: Could not set password");
        }
        return "";
    }

    private String expirePassword(Arguments arguments) {
        requireVnc(arguments);
        Optional<Instant> end = ExpiryTime.read(arguments.word("time"), Instant.now());
        Optional<VncServer> server = servers.find(Optional.empty());
        if (end.isEmpty() || server.isEmpty() || !server.get().expirePassword(end.get())) {
            throw new MonitorException("Error: Could not set password expire time");
        }
        return "";
    }

    private static void requireVnc(Arguments arguments) {
        if (!arguments.word("protocol").equals("vnc")) {
            throw new MonitorException(arguments.word("protocol").equals("spice") ? "Error: SPICE is not in use"
                    : "Error: invalid parameter value: " + arguments.word("protocol"));
        }
    }
}
