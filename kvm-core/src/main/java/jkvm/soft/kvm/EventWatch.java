package jkvm.soft.kvm;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jkvm.linux.Epoll;
import jkvm.linux.EventFd;
import jkvm.linux.LinuxException;
import jkvm.linux.Poll;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;

/**
 * Signals of event descriptors: those that interrupt a guest (irqfd, KVM API 4.75) and those that a guest's writes send
 * (ioeventfd). A write of this process to a watched event interrupts at once, on the writer's thread. For the kernel
 * and other processes, whose writes nobody sees, one thread waits in {@code epoll_wait}; it is there only while an
 * event is watched.
 *
 * <p>Locking: this object's monitor guards changes; nothing that takes a lock of a VM is called with it held.
 */
final class EventWatch {
    private final Syscalls host;
    private final KnownPage sources;
    private final MemorySegment one = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_LONG, 1);
    /** All that is watched; replaced, never changed. */
    private volatile IrqEvent[] all = {};
    /** By the number that user space knows; one number can lead to events of several VMs. */
    private volatile IrqEvent[][] byNumber = new IrqEvent[64][];
    private Epoll epoll;
    private EventFd stop;

    EventWatch(Syscalls host, SoftKvm kvm) {
        this.host = host;
        this.sources = new KnownPage(kvm);
    }

    /**
     * Takes a write of this process.
     *
     * @return true if it was a signal and is delivered, and nothing else remains
     */
    boolean signalled(long fd, long address) {
        IrqEvent[][] numbers = byNumber;
        if (fd < 0 || fd >= numbers.length || numbers[(int) fd] == null) {
            return false;
        }
        if (!sources.isAccessible(address, Long.BYTES, false) || ProcessMemory.getLong(address) == -1) {
            return false;
        }
        return deliver(numbers[(int) fd]);
    }

    /** Signals an event for a guest's write. */
    void signal(EventDescriptor event) {
        for (IrqEvent irq : all) {
            if (irq.event().isSame(event) && !irq.hasOldCount()) {
                irq.interrupt();
                return;
            }
        }
        host.call(SyscallNumber.WRITE, event.kept(), one.address(), Long.BYTES, 0, 0, 0);
    }

    private static boolean deliver(IrqEvent[] events) {
        for (IrqEvent irq : events) {
            // A count from before the event was given to KVM goes with its next signal.
            if (irq.hasOldCount()) {
                return false;
            }
        }
        for (IrqEvent irq : events) {
            irq.interrupt();
        }
        return true;
    }

    /**
     * Begins to watch an event that {@link EventDescriptor#keep()} was called for.
     *
     * @return zero or a negated errno
     */
    synchronized long add(IrqEvent irq) {
        long error = epoll == null ? start() : 0;
        if (error != 0) {
            return error;
        }
        int fd = irq.event().kept();
        irq.hasOldCount(Poll.isReadable(host, fd));
        all = with(all, irq);
        number(irq.event().number(), irq, true);
        error = epoll.addEdgeTriggered(fd);
        if (error != 0) {
            remove(irq);
        }
        return error;
    }

    /** Ends watching. The event's own descriptor may be released afterwards. */
    synchronized void remove(IrqEvent irq) {
        epoll.remove(irq.event().kept());
        all = without(all, irq);
        number(irq.event().number(), irq, false);
        if (all.length == 0 && stop != null) {
            stop.signal();
            stop = null;
            epoll = null;
        }
    }

    /**
     * User space has closed a number: a later write to it is none to this event. The event itself is still watched, as
     * another process may have it.
     */
    void closed(long fd) {
        IrqEvent[][] numbers = byNumber;
        if (fd >= 0 && fd < numbers.length && numbers[(int) fd] != null) {
            synchronized (this) {
                IrqEvent[][] left = byNumber.clone();
                left[(int) fd] = null;
                byNumber = left;
            }
        }
    }

    private void number(int fd, IrqEvent irq, boolean add) {
        IrqEvent[][] numbers = byNumber.clone();
        if (fd >= numbers.length) {
            numbers = Arrays.copyOf(numbers, fd * 2);
        }
        IrqEvent[] before = numbers[fd] == null ? new IrqEvent[0] : numbers[fd];
        IrqEvent[] after = add ? with(before, irq) : without(before, irq);
        numbers[fd] = after.length == 0 ? null : after;
        byNumber = numbers;
    }

    private static IrqEvent[] with(IrqEvent[] before, IrqEvent irq) {
        IrqEvent[] after = Arrays.copyOf(before, before.length + 1);
        after[before.length] = irq;
        return after;
    }

    private static IrqEvent[] without(IrqEvent[] before, IrqEvent irq) {
        return Arrays.stream(before).filter(other -> other != irq).toArray(IrqEvent[]::new);
    }

    private long start() {
        try {
            epoll = Epoll.create(host);
        } catch (LinuxException e) {
            return -e.errnoCode();
        }
        stop = EventFd.nonBlocking(host);
        Epoll watched = epoll;
        EventFd ending = stop;
        watched.addEdgeTriggered(ending.number());
        Thread.ofPlatform().daemon().name("kvm-irqfd").start(() -> watch(watched, ending));
        return 0;
    }

    private void watch(Epoll watched, EventFd ending) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(ValueLayout.JAVA_LONG);
            int fd = watched.await();
            while (fd != ending.number()) {
                if (fd >= 0) {
                    readable(fd, count);
                }
                fd = watched.await();
            }
        }
        watched.close();
        ending.close();
    }

    private void readable(int fd, MemorySegment count) {
        for (IrqEvent irq : all) {
            if (irq.event().kept() == fd) {
                if (irq.takeFirstReport()) {
                    return;
                }
                if (Poll.isReadable(host, fd)) {
                    host.call(SyscallNumber.READ, fd, count.address(), Long.BYTES, 0, 0, 0);
                }
                irq.hasOldCount(false);
                irq.interrupt();
                return;
            }
        }
    }
}
