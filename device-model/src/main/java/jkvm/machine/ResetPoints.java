package jkvm.machine;

import java.util.ArrayList;
import java.util.List;
import jkvm.host.disk.UndoDisk;
import jkvm.host.image.MediumSlot;
import jkvm.machine.board.MachineBoard;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;

/** The reset points of a machine, in the order in which they were made. */
final class ResetPoints {
    private final Machine machine;
    private final Vm vm;
    private final List<Vcpu> vcpus;
    private final MachineSaver saver;
    private final MachineBoard board;
    /** Guarded by this. */
    private final List<ResetPoint> points = new ArrayList<>();

    ResetPoints(Machine machine, Vm vm, List<Vcpu> vcpus, MachineSaver saver, MachineBoard board) {
        this.machine = machine;
        this.vm = vm;
        this.vcpus = vcpus;
        this.saver = saver;
        this.board = board;
    }

    /**
     * Makes a point of this moment, the whole machine paused.
     *
     * @throws IllegalStateException if the guest may write to a disk whose writes are not undone
     */
    synchronized ResetPoint mark() {
        board.requireUndoableDisks();
        for (MediumSlot slot : board.media()) {
            if (slot.image().filter(image -> !image.isReadOnly()).isPresent()) {
                throw new IllegalStateException("the medium of " + slot.device()
                        + " can be written, and is not undone: make it read-only");
            }
        }
        ResetPoint point = new ResetPoint(machine, new PointState(vm, vcpus, saver, board));
        points.add(point);
        return point;
    }

    /** Looks whether a return to a point is possible. */
    synchronized void check(ResetPoint point) {
        if (!points.contains(point)) {
            throw new IllegalStateException("the reset point has ended");
        }
        point.state().check();
    }

    /** Returns to a point, the whole machine paused; later points end. */
    synchronized void restore(ResetPoint point) {
        while (points.getLast() != point) {
            points.removeLast().state().close();
        }
        point.state().restore(disk -> momentOf(disk, points.size() - 1));
    }

    /** The number of a point among the moments that a disk keeps. */
    private int momentOf(UndoDisk disk, int index) {
        int moment = 0;
        for (ResetPoint earlier : points.subList(0, index)) {
            if (earlier.state().disks().contains(disk)) {
                moment++;
            }
        }
        return moment;
    }

    /** Ends a point. */
    synchronized void forget(ResetPoint point) {
        int index = points.indexOf(point);
        if (index >= 0) {
            for (UndoDisk disk : point.state().disks()) {
                disk.forget(momentOf(disk, index));
            }
            points.remove(index);
            point.state().close();
        }
    }
}
