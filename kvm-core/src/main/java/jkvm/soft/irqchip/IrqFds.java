package jkvm.soft.irqchip;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jkvm.linux.Errno;

/**
 * The event descriptors that interrupt (KVM_IRQFD). The owner of the system calls tells of each signal of one; it reads
 * the event back to zero itself. Methods may be called by any thread.
 */
public final class IrqFds {
    private static final IrqFd[] NONE = {};
    private final IrqChips chips;
    /** Replaced with the chips' lock held. */
    private volatile IrqFd[] assigned = NONE;
    /** Those with a resample event, by GSI; with the chips' lock held. */
    private final Map<Integer, Resampler> resamplers = new HashMap<>();

    private record IrqFd(int fd, int gsi, Runnable resample) {
    }

    /** The irqfds of one GSI that share its level-triggered line: all hear that the guest has ended the interrupt. */
    private final class Resampler implements AckNotifier {
        private final int gsi;
        private final List<Runnable> events = new ArrayList<>();

        private Resampler(int gsi) {
            this.gsi = gsi;
        }

        @Override
        public void acknowledged() {
            chips.setLine(gsi, IrqChips.RESAMPLE_SOURCE, false, false);
            for (Runnable event : List.copyOf(events)) {
                event.run();
            }
        }
    }

    public IrqFds(IrqChips chips) {
        this.chips = chips;
    }

    /**
     * Assigns an event to a GSI.
     *
     * @param fd       its number; two numbers of one event count as two
     * @param gsi      any, also one that leads nowhere
     * @param resample signals the resample event, for a level-triggered line; null for one that each signal pulses. May
     *                 be called by any thread with the chips' lock held
     * @return 0 or a negated errno
     */
    public int assign(int fd, int gsi, Runnable resample) {
        synchronized (chips.lock()) {
            if (isAssigned(fd)) {
                return -Errno.EBUSY.code();
            }
            if (resample != null) {
                if (chips.isSplit()) {
                    return -Errno.EINVAL.code();
                }
                resamplers.computeIfAbsent(gsi, this::newResampler).events.add(resample);
            }
            IrqFd[] more = Arrays.copyOf(assigned, assigned.length + 1);
            more[more.length - 1] = new IrqFd(fd, gsi, resample);
            assigned = more;
            return 0;
        }
    }

    private Resampler newResampler(int gsi) {
        Resampler resampler = new Resampler(gsi);
        chips.addNotifier(gsi, resampler);
        return resampler;
    }

    /** Ends an assignment; ignores one that does not exist. */
    public void deassign(int fd, int gsi) {
        synchronized (chips.lock()) {
            for (IrqFd irqFd : assigned) {
                if (irqFd.fd() == fd && irqFd.gsi() == gsi) {
                    remove(irqFd);
                }
            }
        }
    }

    /** Called after the descriptor is closed. */
    public void closed(int fd) {
        synchronized (chips.lock()) {
            for (IrqFd irqFd : assigned) {
                if (irqFd.fd() == fd) {
                    remove(irqFd);
                }
            }
        }
    }

    private void remove(IrqFd irqFd) {
        assigned = Arrays.stream(assigned).filter(other -> other != irqFd).toArray(IrqFd[]::new);
        Resampler resampler = irqFd.resample() == null ? null : resamplers.get(irqFd.gsi());
        if (resampler != null) {
            resampler.events.remove(irqFd.resample());
            if (resampler.events.isEmpty()) {
                resamplers.remove(irqFd.gsi());
                chips.removeNotifier(irqFd.gsi(), resampler);
                chips.setLine(irqFd.gsi(), IrqChips.RESAMPLE_SOURCE, false, false);
            }
        }
    }

    /** True if signals of the descriptor interrupt. No lock. */
    public boolean isAssigned(int fd) {
        for (IrqFd irqFd : assigned) {
            if (irqFd.fd() == fd) {
                return true;
            }
        }
        return false;
    }

    /** Takes a signal of the event: pulses its line, or raises it until the guest has ended the interrupt. */
    public void signal(int fd) {
        for (IrqFd irqFd : assigned) {
            if (irqFd.fd() == fd) {
                synchronized (chips.lock()) {
                    if (irqFd.resample() == null) {
                        chips.pulse(irqFd.gsi(), IrqChips.USER_SOURCE);
                    } else {
                        chips.setLine(irqFd.gsi(), IrqChips.RESAMPLE_SOURCE, true, false);
                    }
                }
                return;
            }
        }
    }
}
