package jkvm.bench.suite;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a part is to do.
 *
 * @param length       how long
 * @param accelerators by the names of {@code -accel}, those that are there
 * @param folder       for files; deleted at the end of the suite
 * @param progress     told what is being done
 */
public record Effort(Length length, List<String> accelerators, Path folder, Consumer<String> progress) {
    public Effort {
        accelerators = List.copyOf(accelerators);
    }
}
