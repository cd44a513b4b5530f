package jkvm.work;

import java.util.List;

/** No log. */
final class NoInputLog implements InputLog {

    @Override
    public boolean isRecording() {
        return false;
    }

    @Override
    public boolean isReplay() {
        return false;
    }

    @Override
    public void begin(List<String> facts) {
        // Any machine is well.
    }

    @Override
    public void write(InputEntry entry) {
        // Nobody will read it.
    }

    @Override
    public InputEntry next() {
        return null;
    }

    @Override
    public void advance() {
        throw new IllegalStateException("no input comes from a log");
    }

    @Override
    public int position() {
        return 0;
    }

    @Override
    public void position(int position) {
        // The only one there is.
    }

    @Override
    public InputEntry last() {
        return null;
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
