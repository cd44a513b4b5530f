package jkvm.soft.kvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;

/**
 * An {@code eventfd(2)} that user space named by a number. KVM holds on to the event itself, not to the number: so does
 * {@link #keep()}, by a descriptor of its own. Two numbers of one event are the same.
 */
final class EventDescriptor {
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final String ID = "eventfd-id:", COUNT = "eventfd-count:";

    private final Syscalls host;
    private final int number;
    private final long id;
    private final int error;
    private int own = -1;

    private EventDescriptor(Syscalls host, int number, long id, int error) {
        this.host = host;
        this.number = number;
        this.id = id;
        this.error = error;
    }

    /** Looks at a number; see {@link #error()}. */
    static EventDescriptor of(Syscalls host, int number) {
        List<String> lines;
        try {
            lines = Files.readAllLines(Path.of("/proc/self/fdinfo/" + number));
        } catch (NoSuchFileException e) {
            return new EventDescriptor(host, number, 0, NegatedErrno.EBADF);
        } catch (IOException e) {
            return new EventDescriptor(host, number, 0, NegatedErrno.EINVAL);
        }
        boolean isEvent = false;
        // Kernels before 5.2 do not tell an event's number: there the descriptor's own has to do.
        long id = -1L - number;
        for (String line : lines) {
            isEvent |= line.startsWith(COUNT);
            if (line.startsWith(ID)) {
                id = Long.parseLong(line.substring(ID.length()).trim());
            }
        }
        return new EventDescriptor(host, number, id, isEvent ? 0 : NegatedErrno.EINVAL);
    }

    /** Zero, -EBADF, or -EINVAL for a descriptor of something else. */
    int error() {
        return error;
    }

    /** The number that user space gave. */
    int number() {
        return number;
    }

    boolean isSame(EventDescriptor other) {
        return id == other.id;
    }

    /**
     * Takes a descriptor of the event for as long as {@link #release()} is not called.
     *
     * @return a negated errno, or 0
     */
    long keep() {
        long result = host.call(SyscallNumber.FCNTL, number, F_DUPFD_CLOEXEC, 0, 0, 0, 0);
        if (Syscalls.isError(result)) {
            return result;
        }
        own = (int) result;
        return 0;
    }

    /** The number that {@link #keep()} took. */
    int kept() {
        return own;
    }

    void release() {
        if (own >= 0) {
            host.call(SyscallNumber.CLOSE, own, 0, 0, 0, 0, 0);
            own = -1;
        }
    }
}
