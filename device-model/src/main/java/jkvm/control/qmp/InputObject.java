package jkvm.control.qmp;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jkvm.json.Json;

/**
 * An object that the client sends.
 *
 * @param isOpen true if it may have members beyond the declared ones
 */
record InputObject(String name, List<Argument<?>> members, boolean isOpen) implements InputType<Arguments> {
    InputObject {
        members = List.copyOf(members);
    }

    @Override
    public TypeShape shape() {
        return new TypeShape.Members(name, members.stream().map(Argument::shape).toList());
    }

    /** @param path empty for the arguments of a command */
    @Override
    public Arguments decode(Json value, String path) throws QmpException {
        if (!(value instanceof Json.Members sent)) {
            throw InputType.mismatch(path, "object");
        }
        Map<String, Json> left = new LinkedHashMap<>(sent.values());
        Map<Argument<?>, Object> decoded = new HashMap<>();
        String prefix = path.isEmpty() ? "" : path + ".";
        for (Argument<?> member : members) {
            Json found = left.remove(member.name());
            if (found != null) {
                decoded.put(member, member.type().decode(found, prefix + member.name()));
            } else if (!member.isOptional()) {
                throw new QmpException("Parameter '" + prefix + member.name() + "' is missing");
            }
        }
        if (!isOpen && !left.isEmpty()) {
            throw new QmpException("Parameter '" + prefix + left.keySet().iterator().next() + "' is unexpected");
        }
        return new Arguments(decoded, left);
    }
}
