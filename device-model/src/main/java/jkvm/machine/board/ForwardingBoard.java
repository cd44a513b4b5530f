package jkvm.machine.board;

import java.util.Optional;
import jkvm.bus.AddressSpace;
import jkvm.bus.DmaChannel;
import jkvm.bus.IrqLine;
import jkvm.bus.MachineControl;
import jkvm.bus.MsiSink;
import jkvm.device.board.Board;
import jkvm.device.board.BootSource;
import jkvm.device.board.DeviceMemory;
import jkvm.device.board.PageProtector;
import jkvm.device.board.RandomSource;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskStatistics;
import jkvm.host.display.Screen;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.MediumSlot;
import jkvm.host.input.InputHub;
import jkvm.host.net.Cable;
import jkvm.host.net.NetBackend;
import jkvm.host.netdev.NetdevSpec;
import jkvm.memory.GuestMemory;
import jkvm.work.VmClock;
import jkvm.work.Workers;

/** A board that answers as another one does; a subclass answers some of it differently. */
abstract class ForwardingBoard implements Board {
    private final Board inner;

    /** @param inner answers all */
    ForwardingBoard(Board inner) {
        this.inner = inner;
    }

    @Override
    public AddressSpace ports() {
        return inner.ports();
    }

    @Override
    public AddressSpace memory() {
        return inner.memory();
    }

    @Override
    public IrqLine irq(int gsi) {
        return inner.irq(gsi);
    }

    @Override
    public VmClock clock() {
        return inner.clock();
    }

    @Override
    public DmaChannel dma(int number) {
        return inner.dma(number);
    }

    @Override
    public void putCmos(int register, int value) {
        inner.putCmos(register, value);
    }

    @Override
    public GuestMemory guestMemory() {
        return inner.guestMemory();
    }

    @Override
    public MsiSink messages() {
        return inner.messages();
    }

    @Override
    public InputHub input() {
        return inner.input();
    }

    @Override
    public MachineControl control() {
        return inner.control();
    }

    @Override
    public Workers workers() {
        return inner.workers();
    }

    @Override
    public void atEnd(Runnable end) {
        inner.atEnd(end);
    }

    @Override
    public PageProtector pageProtector() {
        return inner.pageProtector();
    }

    @Override
    public RandomSource random(Optional<String> object) {
        return inner.random(object);
    }

    @Override
    public Chardev chardev(ChardevSpec spec) {
        return inner.chardev(spec);
    }

    @Override
    public DiskImage disk(DriveSpec drive) {
        return inner.disk(drive);
    }

    @Override
    public DiskStatistics statistics(DriveSpec drive) {
        return inner.statistics(drive);
    }

    @Override
    public MediumSlot medium(String device, Optional<DriveSpec> drive, boolean hasTray) {
        return inner.medium(device, drive, hasTray);
    }

    @Override
    public void bootable(BootSource source) {
        inner.bootable(source);
    }

    @Override
    public NetBackend network(Optional<NetdevSpec> netdev) {
        return inner.network(netdev);
    }

    @Override
    public void cable(String card, Optional<NetdevSpec> netdev, Cable cable) {
        inner.cable(card, netdev, cable);
    }

    @Override
    public DeviceMemory deviceMemory(String device, long size) {
        return inner.deviceMemory(device, size);
    }

    @Override
    public void screen(String device, Screen screen) {
        inner.screen(device, screen);
    }
}
