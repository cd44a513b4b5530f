package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Descriptors that go to another process over a unix socket, beside the bytes ({@code SCM_RIGHTS}, unix(7)). */
public final class DescriptorPassing {
    private static final int SOL_SOCKET = 1, SCM_RIGHTS = 1, MSG_CMSG_CLOEXEC = 0x4000_0000;
    private static final int AF_UNIX = 1, SOCK_STREAM = 1, SOCK_CLOEXEC = 0x80000;
    /** struct msghdr: iovec, its count, control data, its length. */
    private static final int MSGHDR_SIZE = 56, IOV_OFFSET = 16, IOVLEN_OFFSET = 24, CONTROL_OFFSET = 32,
            CONTROLLEN_OFFSET = 40;
    private static final int IOVEC_SIZE = 16;
    /** struct cmsghdr: length with the header, level, type, then the descriptors. */
    private static final int CMSGHDR_SIZE = 16, LEVEL_OFFSET = 8, TYPE_OFFSET = 12;
    /** As many as QEMU takes at once; the kernel closes those that do not fit. */
    private static final int MAX_DESCRIPTORS = 16;
    private static final long CONTROL_SIZE = CMSGHDR_SIZE + (long) MAX_DESCRIPTORS * Integer.BYTES;

    private DescriptorPassing() {
    }

    /**
     * Reads bytes from a socket, and what came with them. Waits as {@code read(2)} does.
     *
     * @param address of native memory for the bytes
     * @param passed  owns each descriptor from then on
     * @return how many bytes; a negated errno if the call failed
     */
    static long receive(Fd socket, long address, long size, Consumer<Fd> passed) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment control = arena.allocate(CONTROL_SIZE, Long.BYTES);
            MemorySegment message = message(arena, address, size, control);
            long result = socket.receiveMessage(message.address(), MSG_CMSG_CLOEXEC);
            if (!Syscalls.isError(result)) {
                long length = message.get(ValueLayout.JAVA_LONG, CONTROLLEN_OFFSET);
                descriptors(control.asSlice(0, Math.min(length, CONTROL_SIZE))).forEach(number ->
                        passed.accept(new Fd(socket.syscalls(), number, "descriptor " + number)));
            }
            return result;
        }
    }

    private static MemorySegment message(Arena arena, long address, long size, MemorySegment control) {
        MemorySegment vector = arena.allocate(IOVEC_SIZE, Long.BYTES);
        vector.set(ValueLayout.JAVA_LONG, 0, address);
        vector.set(ValueLayout.JAVA_LONG, Long.BYTES, size);
        MemorySegment message = arena.allocate(MSGHDR_SIZE, Long.BYTES);
        message.set(ValueLayout.JAVA_LONG, IOV_OFFSET, vector.address());
        message.set(ValueLayout.JAVA_LONG, IOVLEN_OFFSET, 1L);
        message.set(ValueLayout.JAVA_LONG, CONTROL_OFFSET, control.address());
        message.set(ValueLayout.JAVA_LONG, CONTROLLEN_OFFSET, control.byteSize());
        return message;
    }

    private static List<Integer> descriptors(MemorySegment control) {
        List<Integer> found = new ArrayList<>();
        long at = 0;
        while (at + CMSGHDR_SIZE <= control.byteSize()) {
            long length = control.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
            if (length < CMSGHDR_SIZE || length > control.byteSize() - at) {
                break;
            }
            if (control.get(ValueLayout.JAVA_INT_UNALIGNED, at + LEVEL_OFFSET) == SOL_SOCKET
                    && control.get(ValueLayout.JAVA_INT_UNALIGNED, at + TYPE_OFFSET) == SCM_RIGHTS) {
                for (long i = CMSGHDR_SIZE; i + Integer.BYTES <= length; i += Integer.BYTES) {
                    found.add(control.get(ValueLayout.JAVA_INT_UNALIGNED, at + i));
                }
            }
            at += length + (-length & Long.BYTES - 1);
        }
        return found;
    }

    /**
     * Sends bytes over a unix socket, and a descriptor with them, which stays open here.
     *
     * @throws LinuxException if the kernel refuses
     */
    public static void send(Fd socket, byte[] bytes, Fd descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment control = arena.allocate(CMSGHDR_SIZE + Long.BYTES, Long.BYTES);
            control.set(ValueLayout.JAVA_LONG, 0, CMSGHDR_SIZE + (long) Integer.BYTES);
            control.set(ValueLayout.JAVA_INT, LEVEL_OFFSET, SOL_SOCKET);
            control.set(ValueLayout.JAVA_INT, TYPE_OFFSET, SCM_RIGHTS);
            control.set(ValueLayout.JAVA_INT, CMSGHDR_SIZE, descriptor.number());
            MemorySegment content = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            long result = socket.sendMessage(message(arena, content.address(), bytes.length, control).address(), 0);
            if (result != bytes.length) {
                throw new LinuxException("sendmsg " + socket.name(), (int) -Math.min(result, 0));
            }
        }
    }

    /** Two connected unix sockets. */
    public static List<Fd> pair(Syscalls syscalls) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment numbers = arena.allocate(ValueLayout.JAVA_INT, 2);
            long result = syscalls.call(SyscallNumber.SOCKETPAIR, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
                    numbers.address(), 0, 0);
            if (Syscalls.isError(result)) {
                throw new LinuxException("socketpair", (int) -result);
            }
            return List.of(new Fd(syscalls, numbers.getAtIndex(ValueLayout.JAVA_INT, 0), "one end of a socket pair"),
                    new Fd(syscalls, numbers.getAtIndex(ValueLayout.JAVA_INT, 1), "the other end of a socket pair"));
        }
    }
}
