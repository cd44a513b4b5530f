package jkvm.control.display;

import jkvm.host.input.Button;
import jkvm.host.input.InputSource;
import jkvm.host.input.Key;

/**
 * Takes what a page sends of keyboard, pointer and its buttons, an event a line: {@code key KeyA 1}, {@code point X Y},
 * {@code move DX DY}, {@code button left 1}, {@code wheel 1}, {@code release}, {@code chord ctrl-alt-delete},
 * {@code power}, {@code reset}, {@code quit}. Lines that it does not know are ignored.
 */
final class WebInput {
    private static final String DOWN = "1";
    private static final int MAX_MOTION = 4096;

    private final GuestScreen screen;

    WebInput(GuestScreen screen) {
        this.screen = screen;
    }

    void take(String lines, WebViewer viewer) {
        synchronized (viewer.input()) {
            for (String line : lines.split("\n")) {
                take(line.strip().split(" "), viewer);
            }
        }
    }

    private void take(String[] words, WebViewer viewer) {
        InputSource input = viewer.input();
        switch (words[0]) {
            case "key" -> {
                if (words.length == 3) {
                    BrowserKeys.key(words[1]).ifPresent(key -> input.key(key, words[2].equals(DOWN)));
                }
            }
            case "point" -> point(words, viewer);
            case "move" -> input.moveBy(number(words, 1), number(words, 2));
            case "button" -> {
                if (words.length == 3) {
                    Button.named(words[1]).ifPresent(button -> input.button(button, words[2].equals(DOWN)));
                }
            }
            case "wheel" -> input.wheel(Math.clamp(number(words, 1), -1, 1));
            case "release" -> input.releaseAll();
            case "chord" -> press(words, input);
            case "power" -> screen.power().pressPower();
            case "reset" -> screen.power().reset();
            case "quit" -> screen.power().quit();
            default -> {
                // Nothing that a page of this version sends.
            }
        }
    }

    private static void point(String[] words, WebViewer viewer) {
        int[] size = viewer.size();
        viewer.input().pointAt(number(words, 1), number(words, 2), size[0], size[1]);
    }

    private static void press(String[] words, InputSource input) {
        if (words.length == 2 && words[1].equals("ctrl-alt-delete")) {
            for (Key key : Key.chord(words[1])) {
                input.key(key, true);
            }
            input.releaseAll();
        }
    }

    /** A number of a line; 0 where there is none. */
    private static int number(String[] words, int index) {
        try {
            return index < words.length ? Math.clamp(Integer.parseInt(words[index]), -MAX_MOTION, MAX_MOTION) : 0;
        } catch (NumberFormatException _) {
            return 0;
        }
    }
}
