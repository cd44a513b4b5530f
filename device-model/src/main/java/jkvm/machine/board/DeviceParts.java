package jkvm.machine.board;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import jkvm.bus.MsiSink;
import jkvm.bus.MsiVector;
import jkvm.device.board.BootSource;
import jkvm.device.board.RandomSource;
import jkvm.host.disk.DiskImage;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.MediumSlot;
import jkvm.host.net.Cable;
import jkvm.host.net.NetBackend;
import jkvm.host.netdev.NetdevSpec;
import jkvm.work.VmClock;

/**
 * The board as one device sees it: keeps all that is made for the device, so that it can be taken out again and nothing
 * of it is left. A device that stays until the end of the machine is closed with the board.
 */
final class DeviceParts extends ForwardingBoard {
    private final MachineBoard board;
    private final MsiSink messages;
    private final Deque<Runnable> ends = new ArrayDeque<>();
    private final Deque<HostSides.Closing> sides = new ArrayDeque<>();
    private final List<MsiVector> vectors = new ArrayList<>();
    private final List<BootSource> bootSources = new ArrayList<>();
    private final DeviceClock clock = new DeviceClock();
    /** Known to the board under these two. */
    private final Runnable end = this::end;
    private final HostSides.Closing closing = this::closeSides;

    /** @param messages where vectors of message-signalled interrupts come from */
    DeviceParts(MachineBoard board, MsiSink messages) {
        super(board);
        this.board = board;
        this.messages = messages;
        board.atEnd(end);
        board.host().closeAtEnd(closing);
    }

    /** Vectors are given back with the device. */
    @Override
    public MsiSink messages() {
        return this::newVector;
    }

    private MsiVector newVector() {
        MsiVector vector = messages.newVector();
        vectors.add(vector);
        return vector;
    }

    /** Ends the device's threads. */
    private void end() {
        while (!ends.isEmpty()) {
            ends.pop().run();
        }
    }

    private void closeSides() throws IOException {
        IOException unsaved = null;
        while (!sides.isEmpty()) {
            try {
                sides.pop().close();
            } catch (IOException e) {
                unsaved = e;
            }
        }
        if (unsaved != null) {
            throw unsaved;
        }
    }

    /**
     * Ends the device's threads, gives back its vectors and timers, and closes its host sides. No vCPU runs.
     *
     * @throws IOException if something of the host sides could not be saved; they are closed even so
     */
    void release() throws IOException {
        end();
        vectors.forEach(MsiVector::close);
        vectors.clear();
        clock.close();
        board.forget(end);
        board.host().forget(closing);
        closeSides();
    }

    @Override
    public VmClock clock() {
        return clock;
    }

    @Override
    public void atEnd(Runnable action) {
        ends.push(action);
    }

    @Override
    public RandomSource random(Optional<String> object) {
        return board.host().random(object, sides::push);
    }

    @Override
    public DiskImage disk(DriveSpec drive) {
        return board.host().disk(drive, sides::push);
    }

    @Override
    public MediumSlot medium(String device, Optional<DriveSpec> drive, boolean hasTray) {
        return board.host().media().make(device, drive, hasTray, sides::push);
    }

    @Override
    public void bootable(BootSource source) {
        bootSources.add(source);
    }

    /** The drives that a BIOS may boot from. */
    List<BootSource> bootSources() {
        return bootSources;
    }

    @Override
    public NetBackend network(Optional<NetdevSpec> netdev) {
        return board.host().network(netdev, sides::push);
    }

    @Override
    public void cable(String card, Optional<NetdevSpec> netdev, Cable cable) {
        board.cable(card, netdev, cable);
        sides.push(() -> board.host().networks().disconnect(cable));
    }

    /** The board's clock, with the device's timers. */
    private final class DeviceClock implements VmClock {
        private final List<Timer> timers = new ArrayList<>();

        @Override
        public long nanoTime() {
            return board.clock().nanoTime();
        }

        @Override
        public Instant wallTime() {
            return board.clock().wallTime();
        }

        @Override
        public Timer newTimer(Runnable action) {
            Timer timer = board.clock().newTimer(action);
            timers.add(timer);
            return timer;
        }

        void close() {
            timers.forEach(Timer::close);
            timers.clear();
        }
    }
}
