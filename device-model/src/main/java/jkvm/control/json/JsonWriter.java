package jkvm.control.json;

/** Writes one JSON document (RFC 8259), indented. The caller pairs begin and end. */
public final class JsonWriter {
    private static final String INDENT = "  ";
    private final StringBuilder text = new StringBuilder();
    private int depth;
    private boolean first = true;

    /** Begins an object or array as the document or as an array's element: <code>{</code> or {@code [}. */
    public JsonWriter begin(char bracket) {
        separate();
        return open(bracket);
    }

    /** Begins an object or array as a member of an object. */
    public JsonWriter begin(String name, char bracket) {
        name(name);
        return open(bracket);
    }

    public JsonWriter end(char bracket) {
        depth--;
        if (!first) {
            newLine();
        }
        text.append(bracket);
        first = false;
        return this;
    }

    /** A member whose value is a text; null gives JSON's null. */
    public JsonWriter member(String name, String value) {
        name(name);
        string(value);
        return this;
    }

    public JsonWriter member(String name, boolean value) {
        name(name);
        text.append(value);
        return this;
    }

    public JsonWriter member(String name, long value) {
        name(name);
        text.append(value);
        return this;
    }

    /** A member without a value. */
    public JsonWriter nullMember(String name) {
        return member(name, null);
    }

    /** An array's element. */
    public JsonWriter element(String value) {
        separate();
        string(value);
        return this;
    }

    /** The document, with a line's end. */
    public String document() {
        return text + "\n";
    }

    private JsonWriter open(char bracket) {
        text.append(bracket);
        depth++;
        first = true;
        return this;
    }

    private void name(String name) {
        separate();
        string(name);
        text.append(": ");
    }

    private void separate() {
        if (depth > 0) {
            if (!first) {
                text.append(',');
            }
            newLine();
        }
        first = false;
    }

    private void newLine() {
        text.append('\n').repeat(INDENT, depth);
    }

    private void string(String value) {
        if (value == null) {
            text.append("null");
            return;
        }
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                // All else than ASCII is escaped: the terminal's encoding does not matter.
                text.append("\\u").append(String.format("%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
