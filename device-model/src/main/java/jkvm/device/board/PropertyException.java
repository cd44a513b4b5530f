package jkvm.device.board;

/** A device cannot have a property's value. The message is one line: property, value, and why. */
public final class PropertyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Kind {
        /** No device of this type takes the value. */
        INVALID,
        /** It does not go together with another property. */
        CONFLICT,
        /** It is needed and has no value. */
        MISSING
    }

    private final Kind kind;
    private final String property;

    /** @param message one line */
    public PropertyException(Kind kind, String property, String message) {
        super(message);
        this.kind = kind;
        this.property = property;
    }

    /**
     * For a value that no device of the type takes.
     *
     * @param rule what holds for values: "must be ..."
     */
    public static PropertyException invalid(String property, Object value, String rule) {
        return new PropertyException(Kind.INVALID, property, property + "=" + value + ": " + rule);
    }

    /** The kind of mistake, by which a front end words its message. */
    public Kind kind() {
        return kind;
    }

    /** The property's name. */
    public String property() {
        return property;
    }
}
