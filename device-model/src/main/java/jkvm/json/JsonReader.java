package jkvm.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Reads one JSON document (RFC 8259). As QEMU does, it takes texts in single quotes too. Nesting is
 * bounded, since a document may come from a hostile image.
 */
public final class JsonReader {
    private static final int MAX_DEPTH = 64;
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private final String text;
    private int at;
    private int depth;

    private JsonReader(String text) {
        this.text = text;
    }

    /** @throws JsonException if the text is not one document */
    public static Json read(String text) throws JsonException {
        JsonReader reader = new JsonReader(text);
        Json value = reader.value();
        reader.skipSpace();
        if (reader.at < text.length()) {
            throw reader.unexpected("the end");
        }
        return value;
    }

    private Json value() throws JsonException {
        char first = skipSpace();
        return switch (first) {
            case '{' -> members();
            case '[' -> items();
            case '"', '\'' -> new Json.Text(string());
            case 't' -> word("true", new Json.Flag(true));
            case 'f' -> word("false", new Json.Flag(false));
            case 'n' -> word("null", new Json.Nothing());
            default -> number();
        };
    }

    private Json members() throws JsonException {
        descend();
        Map<String, Json> members = new LinkedHashMap<>();
        if (skipSpace() != '}') {
            do {
                skipSpace();
                String name = string();
                expect(':');
                if (members.put(name, value()) != null) {
                    throw new JsonException("two members have the name " + name);
                }
            } while (another('}'));
        }
        ascend();
        return new Json.Members(members);
    }

    private Json items() throws JsonException {
        descend();
        List<Json> items = new ArrayList<>();
        if (skipSpace() != ']') {
            do {
                items.add(value());
            } while (another(']'));
        }
        ascend();
        return new Json.Items(items);
    }

    /** Takes the opening bracket. */
    private void descend() throws JsonException {
        at++;
        depth++;
        if (depth > MAX_DEPTH) {
            throw new JsonException("JSON is nested too deeply");
        }
    }

    /** Takes the closing bracket, which is there. */
    private void ascend() {
        at++;
        depth--;
    }

    private boolean another(char end) throws JsonException {
        char next = skipSpace();
        if (next == ',') {
            at++;
            return true;
        }
        if (next != end) {
            throw unexpected("',' or '" + end + "'");
        }
        return false;
    }

    private Json word(String word, Json value) throws JsonException {
        if (!text.startsWith(word, at)) {
            throw unexpected("a value");
        }
        at += word.length();
        return value;
    }

    private Json number() throws JsonException {
        int start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(start, at);
        if (!NUMBER.matcher(number).matches()) {
            at = start;
            throw unexpected("a value");
        }
        try {
            return new Json.Whole(Long.parseLong(number));
        } catch (NumberFormatException _) {
            return new Json.Real(number);
        }
    }

    private String string() throws JsonException {
        char quote = peek();
        if (quote != '"' && quote != '\'') {
            throw unexpected("a string");
        }
        at++;
        StringBuilder value = new StringBuilder();
        while (peek() != quote) {
            char c = peek();
            if (c < ' ') {
                throw unexpected("the end of the string");
            }
            at++;
            value.append(c == '\\' ? escape() : c);
        }
        at++;
        return value.toString();
    }

    private char escape() throws JsonException {
        char c = peek();
        at++;
        return switch (c) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case '"', '\'', '\\', '/' -> c;
            case 'u' -> unicode();
            default -> throw new JsonException("JSON has an unknown escape at character " + (at - 1));
        };
    }

    private char unicode() throws JsonException {
        int value = 0;
        for (int i = 0; i < 4; i++, at++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw unexpected("a hexadecimal digit");
            }
            value = value << 4 | digit;
        }
        return (char) value;
    }

    private void expect(char c) throws JsonException {
        if (skipSpace() != c) {
            throw unexpected("'" + c + "'");
        }
        at++;
    }

    private char skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return peek();
    }

    /** The next character; zero at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private JsonException unexpected(String wanted) {
        return new JsonException("JSON parse error: " + wanted + " is missing at character " + at);
    }
}
