package jkvm.control.migrate;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import jkvm.linux.Fd;

/** The descriptors that monitors got, by the names that they gave them. Any thread may call. */
public final class PassedDescriptors implements AutoCloseable {
    private final Map<String, Fd> descriptors = new ConcurrentHashMap<>();

    /**
     * Keeps a descriptor; an earlier one of that name is closed.
     *
     * @param passed what came with the command, closed where it is not kept
     * @throws MigrationException if there is none, or its name could be a descriptor's number
     */
    public void put(String name, Optional<Fd> passed) throws MigrationException {
        Fd descriptor = passed.orElseThrow(() ->
                new MigrationException("No file descriptor supplied via SCM_RIGHTS"));
        if (!name.isEmpty() && Character.isDigit(name.charAt(0))) {
            descriptor.close();
            throw new MigrationException("Parameter 'fdname' expects a name not starting with a digit");
        }
        Fd before = descriptors.put(name, descriptor);
        if (before != null) {
            before.close();
        }
    }

    /** The descriptor of a name, which is the caller's from now on; empty if there is none. */
    public Optional<Fd> take(String name) {
        return Optional.ofNullable(descriptors.remove(name));
    }

    /**
     * Closes the descriptor of a name.
     *
     * @throws MigrationException if there is none
     */
    public void close(String name) throws MigrationException {
        take(name).orElseThrow(() -> new MigrationException("File descriptor named '" + name + "' not found")).close();
    }

    /** Closes those that nobody has taken. */
    @Override
    public void close() {
        descriptors.keySet().forEach(name -> take(name).ifPresent(Fd::close));
    }
}
