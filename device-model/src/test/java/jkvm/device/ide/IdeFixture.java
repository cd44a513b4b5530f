package jkvm.device.ide;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import jkvm.bus.FakeIrqLine;
import jkvm.device.disk.DiskGeometry;
import jkvm.device.scsi.CdRom;
import jkvm.device.scsi.ScsiIdentity;
import jkvm.device.virtio.transport.FakeWorkers;
import jkvm.host.disk.DiskStatistics;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.MemoryDisk;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.MediumSlot;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/** Two channels, a hard disk on the first and a CD-ROM drive on the second, as a guest reaches them by ports. */
final class IdeFixture implements IdePorts {
    static final int SECTORS = 4096;
    static final int CD_BLOCKS = 200;
    static final int MEMORY_SIZE = 1 << 20;

    final FakeIrqLine irq = new FakeIrqLine();
    final FakeIrqLine secondIrq = new FakeIrqLine();
    final FakeWorkers workers = new FakeWorkers();
    final GuestMemory memory = new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(MEMORY_SIZE, 8))));
    final MemoryDisk disk = new MemoryDisk(SECTORS);
    final MemoryDisk disc = new MemoryDisk(CD_BLOCKS * 4);
    final MediumSlot slot = new MediumSlot("ide1-cd0", Optional.of("ide1-cd0"), true);
    final IdeChannel primary;
    final IdeChannel secondary;
    final AtaDisk hardDisk;
    final AtapiCdRom cd;
    boolean mayMaster = true;

    IdeFixture() {
        Random random = new Random(1);
        random.nextBytes(disk.content);
        disk.content[510] = 0;
        random.nextBytes(disc.content);
        disc.readOnly = true;
        slot.insert(DriveSpec.ofPath("ide1-cd0", Path.of("cd.iso"), ImageOptions.READ_ONLY), disc);
        hardDisk = new AtaDisk("ide0-hd0", disk, new AtaIdentity("QM00001", "QEMU HARDDISK", "2.5+", 0, 512),
                DiskGeometry.GUESSED, true, new DiskStatistics());
        AtaIdentity identity = new AtaIdentity("QM00003", "QEMU DVD-ROM", "2.5+", 0, 0);
        cd = new AtapiCdRom("ide1-cd0", new CdRom(slot, new ScsiIdentity("QEMU", "QEMU DVD-ROM", "2.5+", "QM00003")),
                identity);
        primary = new IdeChannel("ide.0", irq, workers, new BusMaster(memory, () -> mayMaster));
        secondary = new IdeChannel("ide.1", secondIrq, workers, new BusMaster(memory, () -> mayMaster));
        primary.plug(0, hardDisk);
        secondary.plug(0, cd);
        primary.reset();
        secondary.reset();
    }

    private IdeChannel channel(int port) {
        return port == 0x3F6 || port >= PRIMARY && port < PRIMARY + 8 || port >= MASTER && port < MASTER + 8 ? primary
                : secondary;
    }

    @Override
    public long in(int port, int size) {
        IdeChannel channel = channel(port);
        if (port >= MASTER) {
            return channel.readMaster(port & 7, size);
        }
        return port == 0x3F6 || port == 0x376 ? channel.readAlternateStatus() : channel.read(port & 7, size);
    }

    @Override
    public void out(int port, int size, long value) {
        IdeChannel channel = channel(port);
        if (port >= MASTER) {
            channel.writeMaster(port & 7, size, value);
        } else if (port == 0x3F6 || port == 0x376) {
            channel.writeControl((int) value & 0xFF);
        } else {
            channel.write(port & 7, size, value);
        }
    }

    /** The worker is this thread: nobody else changes the status. */
    @Override
    public int status(int base) {
        return (int) in(base + TaskFile.STATUS, 1);
    }

    @Override
    public void writeMemory(long address, byte[] bytes) throws IOException {
        memory.write(address, bytes);
    }

    @Override
    public byte[] readMemory(long address, int count) {
        byte[] bytes = new byte[count];
        memory.read(address, bytes, 0, count);
        return bytes;
    }
}
