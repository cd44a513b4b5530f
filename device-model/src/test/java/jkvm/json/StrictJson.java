package jkvm.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A JSON parser (RFC 8259) that accepts nothing more than the grammar, without fractions. Numbers come as Long. */
public final class StrictJson {
    private final String text;
    private int at;

    private StrictJson(String text) {
        this.text = text;
    }

    /** @throws IllegalArgumentException if the text is not one JSON document */
    public static Object parse(String text) {
        StrictJson parser = new StrictJson(text);
        Object value = parser.value();
        parser.skipSpace();
        if (parser.at != text.length()) {
            throw parser.error("the end");
        }
        return value;
    }

    private Object value() {
        skipSpace();
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> result = new LinkedHashMap<>();
        expect('{');
        if (skipSpace() == '}') {
            at++;
            return result;
        }
        do {
            skipSpace();
            String name = string();
            skipSpace();
            expect(':');
            if (result.put(name, value()) != null) {
                throw error("one member " + name);
            }
        } while (another('}'));
        return result;
    }

    private List<Object> array() {
        List<Object> result = new ArrayList<>();
        expect('[');
        if (skipSpace() == ']') {
            at++;
            return result;
        }
        do {
            result.add(value());
        } while (another(']'));
        return result;
    }

    private boolean another(char end) {
        skipSpace();
        if (peek() == ',') {
            at++;
            return true;
        }
        expect(end);
        return false;
    }

    private String string() {
        StringBuilder result = new StringBuilder();
        expect('"');
        while (peek() != '"') {
            char c = text.charAt(at++);
            if (c < ' ') {
                throw error("no control character");
            }
            result.append(c == '\\' ? escape() : c);
        }
        at++;
        return result.toString();
    }

    private char escape() {
        char c = text.charAt(at++);
        if (c == 'u') {
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
        int index = "\"\\/bfnrt".indexOf(c);
        if (index < 0) {
            throw error("an escape");
        }
        return "\"\\/\b\f\n\r\t".charAt(index);
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw error(word);
        }
        at += word.length();
        return value;
    }

    private Long number() {
        int start = at;
        while ("-0123456789".indexOf(peek()) >= 0) {
            at++;
        }
        String digits = text.substring(start, at);
        if (!digits.matches("-?(0|[1-9][0-9]*)")) {
            throw error("a number");
        }
        return Long.valueOf(digits);
    }

    private void expect(char c) {
        if (peek() != c) {
            throw error("'" + c + "'");
        }
        at++;
    }

    private char skipSpace() {
        while (" \n\r\t".indexOf(peek()) >= 0) {
            at++;
        }
        return peek();
    }

    /** The next character; at the end one that no rule takes. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\uffff';
    }

    private IllegalArgumentException error(String expected) {
        return new IllegalArgumentException("at " + at + ": expected " + expected);
    }
}
