package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/**
 * A kernel that fails where a test wants it to. Over real system calls it passes on what it does not fail; without them
 * it pretends: opens give numbers, mappings are heap-backed native memory, everything else succeeds with zero.
 *
 * <p>Calls may come from any thread; handlers run on the calling thread without a lock.
 */
public final class FaultySyscalls implements Syscalls {
    /** Answers an ioctl in the kernel's place. */
    @FunctionalInterface
    public interface IoctlHandler {
        long answer(int fd, long argument);
    }

    private static final int FIRST_FAKE_DESCRIPTOR = 1000;
    /** KVM_CREATE_VM, KVM_CREATE_VCPU, KVM_GET_STATS_FD. */
    private static final Set<Long> REQUESTS_THAT_OPEN = Set.of(0xAE01L, 0xAE41L, 0xAECEL);

    private final Syscalls real;
    private final Map<Long, Queue<Long>> onceByCall = new HashMap<>();
    private final Map<Long, Queue<Long>> onceByRequest = new HashMap<>();
    private final Map<Long, IoctlHandler> handlers = new HashMap<>();
    private final Map<Long, Integer> callCounts = new HashMap<>();
    private final Map<Long, Integer> requestCounts = new HashMap<>();
    private final Set<Integer> open = new HashSet<>();
    private final List<Integer> wrongCloses = new ArrayList<>();
    private final Map<Long, MemorySegment> mappings = new HashMap<>();
    private Runnable onSignal = () -> { };
    private int nextDescriptor = FIRST_FAKE_DESCRIPTOR;

    private FaultySyscalls(Syscalls real) {
        this.real = real;
    }

    /** A kernel that only pretends. */
    public static FaultySyscalls pretending() {
        return new FaultySyscalls(null);
    }

    /** Real system calls with faults in between. */
    public static FaultySyscalls over(Syscalls real) {
        return new FaultySyscalls(real);
    }

    /** The next call of this number fails; further ones queue behind it. */
    public synchronized FaultySyscalls failNext(long number, Errno errno) {
        return answerNext(number, -errno.code());
    }

    /** The next call of this number answers {@code result} and does nothing. */
    public synchronized FaultySyscalls answerNext(long number, long result) {
        onceByCall.computeIfAbsent(number, key -> new ArrayDeque<>()).add(result);
        return this;
    }

    /** The next ioctl of this request fails; further ones queue behind it. */
    public synchronized FaultySyscalls failNextIoctl(long request, Errno errno) {
        onceByRequest.computeIfAbsent(request, key -> new ArrayDeque<>()).add((long) -errno.code());
        return this;
    }

    /** All ioctls of this request are answered by {@code handler}, unless one is to fail. */
    public synchronized FaultySyscalls onIoctl(long request, IoctlHandler handler) {
        handlers.put(request, handler);
        return this;
    }

    /** Called in the place of {@code tgkill} when only pretending. */
    public synchronized FaultySyscalls onSignal(Runnable action) {
        onSignal = action;
        return this;
    }

    /** Descriptors that were opened through this object and not closed. */
    public synchronized Set<Integer> openDescriptors() {
        return Set.copyOf(open);
    }

    /** Descriptors that were closed though they were not open. */
    public synchronized List<Integer> wrongCloses() {
        return List.copyOf(wrongCloses);
    }

    /** Mappings that were made by pretending and not undone. */
    public synchronized int openMappings() {
        return mappings.size();
    }

    public synchronized int calls(long number) {
        return callCounts.getOrDefault(number, 0);
    }

    public synchronized int ioctls(long request) {
        return requestCounts.getOrDefault(request, 0);
    }

    @Override
    public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
        IoctlHandler handler;
        Runnable signal;
        synchronized (this) {
            callCounts.merge(number, 1, Integer::sum);
            if (number == SyscallNumber.IOCTL) {
                requestCounts.merge(a1, 1, Integer::sum);
            }
            Long planned = planned(number, a1);
            if (planned != null) {
                return planned;
            }
            handler = number == SyscallNumber.IOCTL ? handlers.get(a1) : null;
            signal = onSignal;
        }
        if (handler != null) {
            return opened(number, a1, handler.answer((int) a0, a2));
        }
        if (real == null && number == SyscallNumber.TGKILL) {
            signal.run();
            return 0;
        }
        long result = real == null ? pretend(number, a0, a1) : real.call(number, a0, a1, a2, a3, a4, a5);
        return opened(number, number == SyscallNumber.IOCTL ? a1 : a0, result);
    }

    private Long planned(long number, long request) {
        Queue<Long> queue = number == SyscallNumber.IOCTL && onceByRequest.containsKey(request)
                ? onceByRequest.get(request) : onceByCall.get(number);
        return queue == null ? null : queue.poll();
    }

    private synchronized long opened(long number, long subject, long result) {
        if (number == SyscallNumber.CLOSE && !open.remove((int) subject)) {
            wrongCloses.add((int) subject);
        } else if (result >= 0 && (number == SyscallNumber.OPEN || number == SyscallNumber.EVENTFD2
                || number == SyscallNumber.MEMFD_CREATE
                || number == SyscallNumber.IOCTL && REQUESTS_THAT_OPEN.contains(subject))) {
            open.add((int) result);
        }
        return result;
    }

    /** For handlers of requests that create descriptors: a number that counts as open. */
    public synchronized int newDescriptor() {
        open.add(nextDescriptor);
        return nextDescriptor++;
    }

    private synchronized long pretend(long number, long a0, long a1) {
        if (number == SyscallNumber.OPEN || number == SyscallNumber.EVENTFD2 || number == SyscallNumber.MEMFD_CREATE) {
            return newDescriptor();
        }
        if (number == SyscallNumber.MMAP) {
            MemorySegment memory = Arena.ofAuto().allocate(a1, 4096);
            mappings.put(memory.address(), memory);
            return memory.address();
        }
        if (number == SyscallNumber.MUNMAP) {
            mappings.remove(a0);
        }
        return number == SyscallNumber.GETTID ? Thread.currentThread().threadId() : 0;
    }

    @Override
    public long installInterruptingSignal(int signal) {
        return real == null ? 0 : real.installInterruptingSignal(signal);
    }
}
