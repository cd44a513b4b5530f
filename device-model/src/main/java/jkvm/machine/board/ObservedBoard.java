package jkvm.machine.board;

import java.util.Optional;
import jkvm.bus.AddressSpace;
import jkvm.bus.IrqLine;
import jkvm.bus.MachineControl;
import jkvm.device.board.Board;
import jkvm.device.board.DeviceObserver;
import jkvm.device.board.PageProtector;
import jkvm.device.board.RandomSource;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskStatistics;
import jkvm.host.image.DriveSpec;
import jkvm.host.net.NetBackend;
import jkvm.host.netdev.NetdevSpec;
import jkvm.memory.GuestMemory;
import jkvm.work.VmClock;
import jkvm.work.Workers;

/** The board as one device sees it while an observer looks at what the device asks for. */
final class ObservedBoard implements Board {
    private final Board board;
    private final DeviceObserver observer;
    private final String device;

    ObservedBoard(Board board, DeviceObserver observer, String device) {
        this.board = board;
        this.observer = observer;
        this.device = device;
    }

    @Override
    public AddressSpace ports() {
        return board.ports();
    }

    @Override
    public AddressSpace memory() {
        return board.memory();
    }

    @Override
    public IrqLine irq(int gsi) {
        return observer.around(board.irq(gsi), device, () -> gsi);
    }

    @Override
    public VmClock clock() {
        return board.clock();
    }

    @Override
    public GuestMemory guestMemory() {
        return board.guestMemory();
    }

    @Override
    public MachineControl control() {
        return board.control();
    }

    @Override
    public Workers workers() {
        return board.workers();
    }

    @Override
    public void atEnd(Runnable end) {
        board.atEnd(end);
    }

    @Override
    public PageProtector pageProtector() {
        return board.pageProtector();
    }

    @Override
    public RandomSource random(Optional<String> object) {
        return board.random(object);
    }

    @Override
    public Chardev chardev(ChardevSpec spec) {
        return board.chardev(spec);
    }

    @Override
    public DiskImage disk(DriveSpec drive) {
        return observer.disk(board.disk(drive), device, drive);
    }

    @Override
    public DiskStatistics statistics(DriveSpec drive) {
        return board.statistics(drive);
    }

    @Override
    public NetBackend network(Optional<NetdevSpec> netdev) {
        return observer.network(board.network(netdev), device);
    }
}
