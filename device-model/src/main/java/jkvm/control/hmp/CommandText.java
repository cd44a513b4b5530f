package jkvm.control.hmp;

/** A line of text and a place in it. */
final class CommandText {
    private final String text;
    private int at;

    CommandText(String text) {
        this.text = text;
    }

    /** The character here, 0 at the end. */
    char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    void skip() {
        at++;
    }

    /** @return the character here, which is left behind; 0 at the end */
    char next() {
        char value = peek();
        at++;
        return value;
    }

    void skipBlanks() {
        while (isBlank(peek())) {
            at++;
        }
    }

    /** True if nothing but blanks is left; skips them. */
    boolean isAtEnd() {
        skipBlanks();
        return at >= text.length();
    }

    /** True at the x of a hexadecimal number. */
    boolean startsHex() {
        return (peek() == 'x' || peek() == 'X') && at + 1 < text.length() && text.charAt(at + 1) < 0x80
                && Character.digit(text.charAt(at + 1), 16) >= 0;
    }

    /** True at a slash between a blank and a letter. */
    boolean startsPath() {
        return peek() == '/' && at > 0 && isBlank(text.charAt(at - 1)) && at + 1 < text.length()
                && Character.isLetter(text.charAt(at + 1));
    }

    /** All that is left. */
    String rest() {
        String rest = text.substring(Math.min(at, text.length()));
        at = text.length();
        return rest;
    }

    /** The characters from here to the next blank; there may be none. */
    String untilBlank() {
        int start = at;
        while (at < text.length() && !isBlank(text.charAt(at))) {
            at++;
        }
        return text.substring(start, at);
    }

    /**
     * A word, or a text in double quotes with the escapes \n, \r, \\, \' and \".
     *
     * @return null if nothing is left
     */
    String word() {
        if (isAtEnd()) {
            return null;
        }
        return peek() == '"' ? quoted() : untilBlank();
    }

    private String quoted() {
        StringBuilder word = new StringBuilder();
        skip();
        while (peek() != '"') {
            char value = next();
            if (value == '\\') {
                value = escaped(next());
            }
            if (value == 0) {
                throw new MonitorException("unterminated string");
            }
            word.append(value);
        }
        skip();
        return word.toString();
    }

    private static char escaped(char letter) {
        return switch (letter) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case '\\', '\'', '"' -> letter;
            default -> throw new MonitorException("unsupported escape code: '\\" + letter + "'");
        };
    }

    static boolean isBlank(char value) {
        return value == ' ' || value >= '\t' && value <= '\r';
    }
}
