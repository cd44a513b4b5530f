package jkvm.host.input;

/** An event as a recording has it. */
final class EventText {
    private static final String STROKE = "key";
    private static final String ABSOLUTE = "absolute";
    private static final String RELATIVE = "relative";
    private static final String PRESS = "button";
    private static final String WHEEL = "wheel";

    private EventText() {
    }

    static String of(InputEvent event) {
        return switch (event) {
            case InputEvent.Stroke(Key key, boolean isDown) -> STROKE + " " + key.name() + " " + isDown;
            case InputEvent.Absolute(int x, int y) -> ABSOLUTE + " " + x + " " + y;
            case InputEvent.Relative(int dx, int dy) -> RELATIVE + " " + dx + " " + dy;
            case InputEvent.Press(Button button, boolean isDown) -> PRESS + " " + button.name() + " " + isDown;
            case InputEvent.Wheel(int steps) -> WHEEL + " " + steps;
        };
    }

    /** @throws RuntimeException if it is the text of no event */
    static InputEvent parse(String text) {
        String[] words = text.split(" ", -1);
        return switch (words[0]) {
            case STROKE -> new InputEvent.Stroke(Key.valueOf(words[1]), Boolean.parseBoolean(words[2]));
            case ABSOLUTE -> new InputEvent.Absolute(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
            case RELATIVE -> new InputEvent.Relative(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
            case PRESS -> new InputEvent.Press(Button.valueOf(words[1]), Boolean.parseBoolean(words[2]));
            case WHEEL -> new InputEvent.Wheel(Integer.parseInt(words[1]));
            default -> throw new IllegalArgumentException("no event: " + text);
        };
    }
}
