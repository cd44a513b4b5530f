package jkvm.control.qmp;

import java.util.Map;
import jkvm.json.Json;
import jkvm.json.JsonException;
import jkvm.json.JsonReader;

/** Reads the frame of a request: {@code execute} or {@code exec-oob}, {@code arguments}, {@code id}. */
final class RequestReader {
    private static final String EXECUTE = "execute";
    private static final String OUT_OF_BAND = "exec-oob";

    private RequestReader() {
    }

    /**
     * Reads one document. A mistake in it is the answer's.
     *
     * @param allowsOob true if the client has asked for out-of-band commands
     */
    static Request read(String text, boolean allowsOob) {
        Json document;
        try {
            document = JsonReader.read(text);
        } catch (JsonException e) {
            return Request.refused(null, e.getMessage(), text.length());
        }
        if (!(document instanceof Json.Members members)) {
            return Request.refused(null, "QMP input must be a JSON object", text.length());
        }
        Json id = members.values().get("id");
        try {
            return read(members, id, allowsOob, text.length());
        } catch (QmpException e) {
            return Request.refused(id, e.getMessage(), text.length());
        }
    }

    private static Request read(Json.Members members, Json id, boolean allowsOob, int length) throws QmpException {
        String word = null;
        String command = null;
        Json arguments = Json.Members.empty();
        for (Map.Entry<String, Json> member : members.values().entrySet()) {
            String name = member.getKey();
            if (name.equals(EXECUTE) || allowsOob && name.equals(OUT_OF_BAND)) {
                command = command(name, member.getValue());
                if (word != null) {
                    throw new QmpException("QMP input member '" + EXECUTE + "' clashes with '" + OUT_OF_BAND + "'");
                }
                word = name;
            } else if (name.equals("arguments")) {
                if (!(member.getValue() instanceof Json.Members)) {
                    throw new QmpException("QMP input member 'arguments' must be an object");
                }
                arguments = member.getValue();
            } else if (!name.equals("id")) {
                throw new QmpException("QMP input member '" + name + "' is unexpected");
            }
        }
        if (word == null) {
            throw new QmpException("QMP input lacks member '" + EXECUTE + "'");
        }
        return new Request(id, word.equals(OUT_OF_BAND), command, arguments, null, length);
    }

    private static String command(String member, Json value) throws QmpException {
        if (value instanceof Json.Text text) {
            return text.value();
        }
        throw new QmpException("QMP input member '" + member + "' must be a string");
    }
}
