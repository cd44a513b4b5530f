package jkvm.work;

import java.util.List;

/** No log. */
final class NoInputLog implements InputLog {

    @Override
    public void begin(List<String> facts) {
        // Any machine is well.
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
