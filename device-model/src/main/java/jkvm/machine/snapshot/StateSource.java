package jkvm.machine.snapshot;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;

/** A place that keeps a saved state, which can be read from its beginning on again and again. */
@FunctionalInterface
public interface StateSource {
    /** Begins to read; the caller closes the channel. */
    ReadableByteChannel open() throws IOException;
}
