package jkvm.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import jkvm.abi.KvmCap;
import jkvm.bus.Device;
import jkvm.host.disk.UndoDisk;
import jkvm.host.image.MediumSlot;
import jkvm.machine.board.MachineBoard;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.memory.DirtyPages;
import jkvm.memory.PageBitmap;
import jkvm.state.StateBuffer;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.vm.ClockState;
import jkvm.vm.IrqchipState;
import jkvm.vm.Vcpu;
import jkvm.vm.VcpuState;
import jkvm.vm.Vm;
import jkvm.work.Workers;

/**
 * The state of a machine at a reset point, and the return to it, in the order that {@link MachineSaver} gives reasons
 * for. Devices whose saved bytes are those of the point are not touched; their timers are due again when they were due
 * then. For the thread that has the whole machine paused.
 */
final class PointState implements AutoCloseable {
    private final Vm vm;
    private final MachineBoard board;
    private final List<Vcpu> vcpus;
    private final List<Part> parts = new ArrayList<>();
    private final List<Integer> media;
    private final StateBuffer clock;
    private final StateBuffer workers;
    /** Null where time is the host's. */
    private final StateBuffer exact;
    private final ClockState time;
    private final IrqchipState irqchip;
    private final List<VcpuState> cpus = new ArrayList<>();
    private final Runnable timers;
    private final PointRam ram;
    private final DirtyPages dirty;
    private final PageBitmap changed;
    private final List<UndoDisk> disks;
    private int lastPages, lastDevices;

    /** A device, its bytes at the point, and a buffer for its bytes of now. */
    private record Part(Device device, StateBuffer saved, StateBuffer now) {
        boolean isAsSaved() {
            now.clear();
            device.save(now);
            return now.hasSameBytes(saved);
        }

        void load() {
            device.reset();
            saved.rewind();
            device.load(saved);
            saved.requireEnd();
        }
    }

    /** Takes the machine as it is. */
    PointState(Vm vm, List<Vcpu> vcpus, MachineSaver saver, MachineBoard board) {
        this.vm = vm;
        this.vcpus = vcpus;
        this.board = board;
        MachineSnapshot snapshot = saver.saveWithoutRam();
        Workers all = board.workers();
        clock = saved("clock", board.clock()::save);
        workers = saved("workers", all::save);
        exact = all.clock() == null ? null : saved("exact", all.clock().exactStates()::save);
        time = loaded(snapshot, MachineSaver.TIME, in -> ClockState.load(in, vcpus.size()));
        for (Device device : board.devices()) {
            parts.add(new Part(device, saved(device.name(), device::save), new StateBuffer(device.name())));
        }
        media = changesOfMedia();
        irqchip = IrqchipState.capture(vm);
        for (Vcpu vcpu : vcpus) {
            // Without the counter, which goes with the clock.
            VcpuState present = saver.capture(vcpu);
            cpus.add(loaded(snapshot, MachineSaver.CPU + vcpu.id(), in -> VcpuState.load(in, present)));
        }
        timers = board.clock().keepTimers();
        dirty = vm.trackWrites(board.guestMemory());
        changed = new PageBitmap(board.guestMemory());
        ram = new PointRam(board.guestMemory());
        disks = board.undoDisks();
        disks.forEach(UndoDisk::mark);
    }

    private static StateBuffer saved(String name, Consumer<StateWriter> part) {
        StateBuffer buffer = new StateBuffer(name);
        part.accept(buffer);
        return buffer;
    }

    /** Reads a part. */
    private interface Loading<T> {
        T load(StateReader in);
    }

    private static <T> T loaded(MachineSnapshot snapshot, String name, Loading<T> loading) {
        return loading.load(new StateBuffer(name, snapshot.section(name)));
    }

    private List<Integer> changesOfMedia() {
        return board.media().stream().map(MediumSlot::changes).toList();
    }

    /**
     * Looks whether the machine has the devices and the media of the point.
     *
     * @throws IllegalStateException if not; it names the first one
     */
    void check() {
        List<Device> present = board.devices();
        for (int i = 0; i < Math.max(parts.size(), present.size()); i++) {
            Device then = i < parts.size() ? parts.get(i).device : null;
            Device now = i < present.size() ? present.get(i) : null;
            if (then != now) {
                throw new IllegalStateException(then == null
                        ? "device " + now.name() + " was added since the reset point: remove it first"
                        : "device " + then.name() + " was removed since the reset point");
            }
        }
        List<Integer> changes = changesOfMedia();
        for (int i = 0; i < media.size(); i++) {
            if (!media.get(i).equals(changes.get(i))) {
                throw new IllegalStateException("the medium of " + board.media().get(i).device()
                        + " was changed since the reset point");
            }
        }
    }

    /**
     * Returns to the point.
     *
     * @param moment of a disk, the one that this point is
     */
    void restore(ToIntFunction<UndoDisk> moment) {
        read(clock, board.clock()::load);
        lastDevices = restoreDevices();
        irqchip.restore(vm);
        time.restore(vm, vcpus);
        restoreVcpus();
        read(workers, board.workers()::load);
        if (exact != null) {
            read(exact, board.workers().clock().exactStates()::load);
        }
        timers.run();
        changed.clear();
        dirty.take(changed);
        lastPages = ram.putBack(changed);
        dirty.wroteBack(changed);
        if (vm.checkExtension(KvmCap.SREGS2) == 0) {
            // Such a KVM reads the page directory pointers from memory when it is given the special registers.
            restoreVcpus();
        }
        for (UndoDisk disk : disks) {
            disk.revert(moment.applyAsInt(disk));
        }
    }

    /**
     * Loads the devices that differ. A reset of one may touch another one, such as a bus its devices: those that were
     * as saved are looked at once more.
     *
     * @return how many were loaded
     */
    private int restoreDevices() {
        boolean[] loaded = new boolean[parts.size()];
        int count = 0;
        int before = -1;
        while (count != before) {
            before = count;
            for (int i = 0; i < loaded.length; i++) {
                if (!loaded[i] && !parts.get(i).isAsSaved()) {
                    parts.get(i).load();
                    loaded[i] = true;
                    count++;
                }
            }
        }
        return count;
    }

    private void restoreVcpus() {
        for (int i = 0; i < cpus.size(); i++) {
            cpus.get(i).restore(vcpus.get(i));
        }
    }

    private static void read(StateBuffer from, Consumer<StateReader> part) {
        from.rewind();
        part.accept(from);
    }

    List<UndoDisk> disks() {
        return disks;
    }

    /** How many pages the last return has put back. */
    int lastPages() {
        return lastPages;
    }

    /** How many devices the last return has loaded. */
    int lastDevices() {
        return lastDevices;
    }

    @Override
    public void close() {
        dirty.close();
    }
}
