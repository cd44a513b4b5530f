package jkvm.json;

/** Writes one JSON document (RFC 8259), indented as QEMU does. The caller pairs begin and end. */
public final class JsonWriter {
    private static final String INDENT = "    ";
    private static final String ESCAPED = "\"\\\b\f\n\r\t", ESCAPES = "\"\\bfnrt";

    private final StringBuilder text = new StringBuilder();
    private final boolean oneLine;
    private int depth;
    private boolean first = true;

    /** A document that is empty as yet. */
    public JsonWriter() {
        this(false);
    }

    private JsonWriter(boolean oneLine) {
        this.oneLine = oneLine;
    }

    static JsonWriter inOneLine() {
        return new JsonWriter(true);
    }

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
        return member(name, new Json.Nothing());
    }

    /** An array's element. */
    public JsonWriter element(String value) {
        separate();
        string(value);
        return this;
    }

    /** A value as the document, or as an array's element. */
    public JsonWriter value(Json value) {
        separate();
        write(value);
        return this;
    }

    /** A member with any value. */
    public JsonWriter member(String name, Json value) {
        name(name);
        write(value);
        return this;
    }

    private void write(Json value) {
        switch (value) {
            case Json.Text found -> string(found.value());
            case Json.Whole found -> text.append(found.value());
            case Json.Real found -> text.append(found.text());
            case Json.Flag found -> text.append(found.value());
            case Json.Nothing _ -> text.append("null");
            case Json.Items found -> {
                open('[');
                found.values().forEach(this::value);
                // QEMU breaks the line in an empty one too.
                first = false;
                end(']');
            }
            case Json.Members found -> {
                open('{');
                found.values().forEach(this::member);
                end('}');
            }
        }
    }

    String text() {
        return text.toString();
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
        if (oneLine) {
            text.append(text.charAt(text.length() - 1) == ',' ? " " : "");
            return;
        }
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
            int escape = ESCAPED.indexOf(c);
            if (escape >= 0) {
                text.append('\\').append(ESCAPES.charAt(escape));
            } else if (c < ' ' || c > '~') {
                // All else than ASCII is escaped: the terminal's encoding does not matter.
                text.append(String.format("\\u%04X", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
