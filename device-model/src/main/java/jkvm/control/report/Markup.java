package jkvm.control.report;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes a document that is well-formed as XML and as HTML: elements end in the order in which they began, and any text
 * may be given, also that of a hostile guest.
 */
public final class Markup {
    private static final char REPLACEMENT = '\uFFFD';

    private final StringBuilder out = new StringBuilder(1 << 16);
    private final Deque<String> open = new ArrayDeque<>();

    /** Begins the document. */
    public Markup() {
        out.append("<!DOCTYPE html>\n");
    }

    /** @param attributes names and values by turns */
    public Markup begin(String element, String... attributes) {
        tag(element, attributes).append('>');
        open.push(element);
        return this;
    }

    /** Ends the element that began last. */
    public Markup end() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /** Ends it and the line. */
    public Markup endLine() {
        end();
        out.append('\n');
        return this;
    }

    /** An element that HTML knows to be empty, or one of SVG. */
    public Markup empty(String element, String... attributes) {
        tag(element, attributes).append("/>");
        return this;
    }

    /** An element with text. */
    public Markup element(String element, String text, String... attributes) {
        return begin(element, attributes).text(text).end();
    }

    /** Text. */
    public Markup text(String text) {
        escape(text);
        return this;
    }

    /**
     * A style sheet. It is no text: HTML would not read escapes in it, and XML would read markup.
     *
     * @throws IllegalArgumentException if it has markup
     */
    public Markup style(String sheet) {
        if (sheet.indexOf('<') >= 0 || sheet.indexOf('&') >= 0) {
            throw new IllegalArgumentException("markup in a style sheet");
        }
        begin("style");
        out.append(sheet);
        return end();
    }

    private StringBuilder tag(String element, String... attributes) {
        out.append('<').append(element);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            escape(attributes[i + 1]);
            out.append('"');
        }
        return out;
    }

    private void escape(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> {
                    boolean isPair = Character.isHighSurrogate(c) && i + 1 < text.length()
                            && Character.isLowSurrogate(text.charAt(i + 1));
                    if (isPair) {
                        out.append(c).append(text.charAt(++i));
                    } else {
                        out.append(isAllowed(c) ? c : REPLACEMENT);
                    }
                }
            }
        }
    }

    /** True for a character that XML 1.0 and HTML allow, alone, and that changes no other text's direction. */
    private static boolean isAllowed(char c) {
        boolean isControl = c < ' ' && c != '\n' && c != '\t' || c >= 0x7F && c < 0xA0;
        boolean turns = c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069;
        return !isControl && !turns && !Character.isSurrogate(c) && c < 0xFFFE;
    }

    /** The document, all of whose elements have ended. */
    public String document() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("open elements: " + open);
        }
        return out.toString();
    }
}
