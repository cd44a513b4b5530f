package jkvm.host.net;

import java.util.ArrayDeque;
import java.util.Deque;
import jkvm.state.StateBuffer;
import jkvm.work.InputChannel;
import jkvm.work.InstructionClock;

/**
 * The wire of a card whose inputs are recorded, or come from a recording. A frame from outside waits for the clock's
 * next moment for input. A frame from the guest is always taken, and lost where the outside has no room, so that the
 * guest's run depends on nothing but its inputs. Takes finished frames only.
 *
 * <p>Threads: as {@link NetBackend} says; the card is called on the vCPU's thread.
 */
public final class RecordedBackend implements NetBackend {
    private static final int MAX_WAITING = 256;
    private static final String FRAME = "frame";

    private final NetBackend outside;
    private final InstructionClock clock;
    private final InputChannel frames;
    private final NetFrame incoming = new NetFrame();
    /** Lent where the outside has no room. */
    private final NetFrame lost = new NetFrame();
    /** Guarded by itself, as the next field. */
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private boolean isAwaited;
    private NetDevice card;
    private boolean refused;

    /**
     * A wire.
     *
     * @param outside closed with this one; an empty one in a replay
     * @param name    of the network
     */
    public RecordedBackend(NetBackend outside, String name, InstructionClock clock) {
        this.outside = outside;
        this.clock = clock;
        frames = clock.channel(name + ".frame", this::give);
    }

    @Override
    public void attach(NetDevice device) {
        card = device;
        outside.attach(new Arrivals());
    }

    @Override
    public int offloads() {
        return 0;
    }

    @Override
    public NetFrame claim() {
        NetFrame frame = outside.claim();
        return frame == null ? lost : frame;
    }

    @Override
    public void send(NetFrame frame) {
        if (frame != lost && !clock.isRepeating()) {
            outside.send(frame);
        }
    }

    @Override
    public void receiveReady() {
        clock.input(this::deliver);
    }

    @Override
    public void offloadsChanged() {
        outside.offloadsChanged();
    }

    private void give(byte[] data) {
        incoming.load(new StateBuffer(FRAME, data), FRAME);
        refused = !card.receive(incoming);
    }

    private void deliver() {
        byte[] next = oldest(false);
        while (next != null) {
            frames.deliver(next);
            if (refused) {
                return;
            }
            next = oldest(true);
        }
    }

    /** @param taken the one before is done with */
    private byte[] oldest(boolean taken) {
        boolean resumes;
        byte[] next;
        synchronized (waiting) {
            if (taken) {
                waiting.remove();
            }
            resumes = taken && isAwaited;
            isAwaited &= !resumes;
            next = waiting.peek();
        }
        if (resumes) {
            outside.receiveReady();
        }
        return next;
    }

    @Override
    public void close() {
        outside.close();
    }

    /** Stands in for the card towards the outside. */
    private final class Arrivals implements NetDevice {
        @Override
        public boolean receive(NetFrame frame) {
            StateBuffer copy = new StateBuffer(FRAME);
            frame.save(copy, FRAME);
            synchronized (waiting) {
                if (waiting.size() == MAX_WAITING) {
                    isAwaited = true;
                    return false;
                }
                waiting.add(copy.toByteArray());
            }
            clock.input(RecordedBackend.this::deliver);
            return true;
        }

        @Override
        public void sendReady() {
            // The guest's frames are taken at any time.
        }

        @Override
        public int offloads() {
            return card.offloads();
        }
    }
}
