package jkvm.control.migrate;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import jkvm.linux.Fd;

/** The descriptors that monitors got, by the names that they gave them. Any thread may call. */
public final class PassedDescriptors implements AutoCloseable {
    private final Map<String, Fd> descriptors = new ConcurrentHashMap<>();

    /** Keeps a descriptor; an earlier one of that name is closed. */
    public void put(String name, Fd descriptor) {
        Fd before = descriptors.put(name, descriptor);
        if (before != null) {
            before.close();
        }
    }

    /** The descriptor of a name, which is the caller's from now on; empty if there is none. */
    public Optional<Fd> take(String name) {
        return Optional.ofNullable(descriptors.remove(name));
    }

    /** Closes those that nobody has taken. */
    @Override
    public void close() {
        descriptors.keySet().forEach(name -> take(name).ifPresent(Fd::close));
    }
}
