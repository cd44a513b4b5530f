package jkvm.state;

/** A saved state is truncated, damaged, or of another kind of machine. */
public final class StateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message one line; what a state has put into it in other lines is joined */
    public StateException(String message) {
        super(oneLine(message));
    }

    private static String oneLine(String message) {
        if (message.chars().noneMatch(Character::isISOControl)) {
            return message;
        }
        StringBuilder line = new StringBuilder(message);
        for (int i = 0; i < line.length(); i++) {
            if (Character.isISOControl(line.charAt(i))) {
                line.setCharAt(i, '?');
            }
        }
        return line.toString();
    }
}
