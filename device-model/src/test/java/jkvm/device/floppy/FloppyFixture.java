package jkvm.device.floppy;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.StateRoundTrip;
import jkvm.device.platform.DmaController;
import jkvm.device.platform.PostPort;
import jkvm.device.virtio.transport.FakeWorkers;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.MemoryDisk;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.MediumSlot;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/** A controller with two drives, its DMA controller and RAM, as a guest reaches them by ports. */
final class FloppyFixture implements FloppyPorts {
    static final int SECTORS = 2880;
    private static final int MEMORY_SIZE = 1 << 20;

    final FakeIrqLine irq = new FakeIrqLine();
    final FakeWorkers workers = new FakeWorkers();
    final GuestMemory memory = new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(MEMORY_SIZE, 8))));
    final PostPort pages = new PostPort("post");
    final DmaController dma = new DmaController("dma1", false, memory, pages::page);
    final MediumSlot slotA = new MediumSlot("floppy0", Optional.of("floppy0"), false);
    final MemoryDisk diskA;
    final FloppyDrive driveA;
    final FloppyController controller;

    /** A writable disk of 1.44 MB in drive A, no drive B. */
    FloppyFixture() {
        this(SECTORS, false);
    }

    /** @param sectors of the disk in drive A; 0 for none */
    FloppyFixture(int sectors, boolean readOnly) {
        diskA = new MemoryDisk(sectors);
        diskA.readOnly = readOnly;
        for (int i = 0; i < diskA.content.length; i++) {
            diskA.content[i] = content(i);
        }
        if (sectors > 0) {
            insert(diskA);
        }
        driveA = new FloppyDrive("floppy0", Optional.of(slotA), FloppyDriveType.AUTO);
        controller = new FloppyController("fdc", irq, dma.channel(2), work -> workers.worker("fdc", work));
        controller.connect(0, driveA);
    }

    /** Carries the state of drive and controller into another one. */
    void copyTo(FloppyFixture other) {
        StateRoundTrip.copy(driveA, other.driveA);
        StateRoundTrip.copy(controller, other.controller);
    }

    /** Each sector is filled with its number. */
    static byte content(int offset) {
        return (byte) (offset / MemoryDisk.SECTOR_SIZE);
    }

    void insert(MemoryDisk disk) {
        slotA.insert(DriveSpec.ofPath("floppy0", Path.of("f.img"), ImageOptions.WRITABLE), disk);
    }

    @Override
    public int in(int port) {
        if (port >= FloppyController.PORT && port < FloppyController.PORT + 8) {
            return controller.readByte(port - FloppyController.PORT);
        }
        return port >= PostPort.PORT && port < PostPort.PORT + PostPort.PORTS ? pages.readByte(port - PostPort.PORT)
                : dma.readByte(port);
    }

    @Override
    public void out(int port, int value) {
        if (port >= FloppyController.PORT && port < FloppyController.PORT + 8) {
            controller.writeByte(port - FloppyController.PORT, value);
        } else if (port >= PostPort.PORT && port < PostPort.PORT + PostPort.PORTS) {
            pages.writeByte(port - PostPort.PORT, value);
        } else {
            dma.writeByte(port, value);
        }
    }
}
