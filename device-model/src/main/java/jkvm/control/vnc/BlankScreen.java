package jkvm.control.vnc;

import java.util.Optional;
import jkvm.host.display.Picture;
import jkvm.host.display.Screen;
import jkvm.host.display.TextScreen;

/** The screen of a machine without a display adapter: black. */
final class BlankScreen implements Screen {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 480;

    @Override
    public boolean render(Picture into) {
        if (into.width() == WIDTH) {
            return false;
        }
        into.resize(WIDTH, HEIGHT);
        return true;
    }

    @Override
    public Optional<TextScreen> text() {
        return Optional.empty();
    }
}
