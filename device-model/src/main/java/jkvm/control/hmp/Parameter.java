package jkvm.control.hmp;

/**
 * A parameter of a command.
 *
 * @param name       by which the command asks for its value
 * @param kind       of value
 * @param isOptional true if it may be left out, with all that follow
 */
record Parameter(String name, Kind kind, boolean isOptional) {

    /** How a value is written. */
    enum Kind {
        /** A word, in quotes if it contains blanks. */
        WORD("string expected"),
        /** A word that names a file. */
        FILE("filename expected"),
        /** A word that names a disk. */
        DISK("block device name expected"),
        /** All that is left of the line. */
        REST("string expected"),
        /** An expression of 64 bits. */
        NUMBER("number expected"),
        /** A slash, a count, a format and a size. */
        FORMAT(""),
        /** A dash and one letter, the parameter's name. */
        FLAG(""),
        /** A dash and one letter, the parameter's name, then a word. Stands in its place among the others. */
        SETTING("");

        private final String complaint;

        Kind(String complaint) {
            this.complaint = complaint;
        }

        /** The message for a command without it. */
        String complaint() {
            return complaint;
        }
    }

    static Parameter required(String name, Kind kind) {
        return new Parameter(name, kind, false);
    }

    static Parameter optional(String name, Kind kind) {
        return new Parameter(name, kind, true);
    }

    boolean isFlag(String letter) {
        return kind == Kind.FLAG && name.equals(letter);
    }

    static Parameter setting(char letter) {
        return new Parameter(String.valueOf(letter), Kind.SETTING, true);
    }

    static Parameter flag(char letter) {
        return new Parameter(String.valueOf(letter), Kind.FLAG, true);
    }
}
