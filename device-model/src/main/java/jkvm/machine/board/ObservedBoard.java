package jkvm.machine.board;

import java.util.Optional;
import jkvm.bus.IrqLine;
import jkvm.bus.MsiSink;
import jkvm.device.board.Board;
import jkvm.device.board.DeviceObserver;
import jkvm.host.disk.DiskImage;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.MediumSlot;
import jkvm.host.net.NetBackend;
import jkvm.host.netdev.NetdevSpec;

/** The board as one device sees it while an observer looks at what the device asks for. */
final class ObservedBoard extends ForwardingBoard {
    private final Board board;
    private final DeviceObserver observer;
    private final String device;

    ObservedBoard(Board board, DeviceObserver observer, String device) {
        super(board);
        this.board = board;
        this.observer = observer;
        this.device = device;
    }

    @Override
    public IrqLine irq(int gsi) {
        return observer.around(board.irq(gsi), device, () -> gsi);
    }

    @Override
    public MsiSink messages() {
        return observer.messages(board.messages(), device);
    }

    @Override
    public DiskImage disk(DriveSpec drive) {
        return observer.disk(board.disk(drive), device, drive);
    }

    @Override
    public MediumSlot medium(String name, Optional<DriveSpec> drive, boolean hasTray) {
        MediumSlot slot = board.medium(name, drive, hasTray);
        slot.seenThrough((image, spec) -> observer.disk(image, device, spec));
        return slot;
    }

    @Override
    public NetBackend network(Optional<NetdevSpec> netdev) {
        return observer.network(board.network(netdev), device);
    }
}
