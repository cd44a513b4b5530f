package jkvm.control.qmp;

import java.util.List;
import jkvm.control.qmp.QmpException.Kind;
import jkvm.json.Json;

/** One client from its greeting to its end: it negotiates first, then gives commands. Any thread may call. */
final class QmpSession {
    /** The capabilities that a client may switch on. */
    enum Capability {
        OOB("oob");

        private final String text;

        Capability(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    private static final Argument<List<Capability>> ENABLE = Argument.optional("enable",
            Types.items(Types.choice("QMPCapability", Capability.values(), Capability::text)));
    private static final Declaration<Void> CAPABILITIES = Declaration.of("qmp_capabilities").takes(ENABLE);

    private final CommandTable table;
    private final Arguments.Client client;
    private volatile boolean isNegotiated;
    private volatile boolean allowsOob;

    QmpSession(CommandTable table, Arguments.Client client) {
        this.table = table;
        this.client = client;
    }

    /** The command that negotiates, as it is after that. */
    static void addTo(CommandTable table) {
        table.add(CAPABILITIES, _ -> {
            throw new QmpException(Kind.COMMAND_NOT_FOUND,
                    "Capabilities negotiation is already complete, command ignored");
        });
    }

    /** The first line that a client reads. */
    static Json greeting() {
        return Json.Members.empty().with("QMP", Json.Members.empty()
                .with("version", VersionInfo.TYPE.encode(VersionInfo.CURRENT))
                .with("capabilities", new Json.Items(List.of(new Json.Text(Capability.OOB.text())))));
    }

    /** True once the client gets events. */
    boolean isNegotiated() {
        return isNegotiated;
    }

    /** True once the client has asked for commands that overtake others. */
    boolean allowsOob() {
        return allowsOob;
    }

    /** @param text of one document */
    Request read(String text) {
        return RequestReader.read(text, allowsOob);
    }

    /** Acts on a request and answers it. */
    Json answer(Request request) {
        Json.Members answer;
        try {
            answer = Json.Members.empty().with("return", run(request));
        } catch (QmpException e) {
            answer = error(e.kind(), e.getMessage());
        } catch (RuntimeException e) {
            System.getLogger("jkvm.control").log(System.Logger.Level.ERROR, "QMP: " + request.command() + " fails", e);
            answer = error(Kind.GENERIC, "internal error: " + e);
        }
        return request.id() == null ? answer : answer.with("id", request.id());
    }

    private static Json.Members error(Kind kind, String message) {
        return Json.Members.empty().with("error",
                Json.Members.empty().with("class", kind.text()).with("desc", message));
    }

    private Json run(Request request) throws QmpException {
        if (request.refusal() != null) {
            throw request.refusal();
        }
        if (!isNegotiated) {
            return negotiate(request);
        }
        String name = request.command();
        Command<?> command = table.find(name).orElseThrow(() -> new QmpException(Kind.COMMAND_NOT_FOUND,
                "The command " + name + " has not been found"));
        if (request.isOob() && !command.declaration().allowsOob()) {
            throw new QmpException("The command " + name + " does not support OOB");
        }
        return command.run(request.arguments(), client);
    }

    private Json negotiate(Request request) throws QmpException {
        if (!request.command().equals(CAPABILITIES.name())) {
            throw new QmpException(Kind.COMMAND_NOT_FOUND,
                    "Expecting capabilities negotiation with 'qmp_capabilities'");
        }
        allowsOob = CAPABILITIES.decode(request.arguments()).find(ENABLE).orElse(List.of()).contains(Capability.OOB);
        isNegotiated = true;
        return Json.Members.empty();
    }
}
