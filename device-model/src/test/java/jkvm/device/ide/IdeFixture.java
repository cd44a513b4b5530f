package jkvm.device.ide;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import jkvm.bus.FakeIrqLine;
import jkvm.device.virtio.transport.FakeWorkers;
import jkvm.host.disk.MemoryDisk;
import jkvm.host.image.MediumSlot;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/** Two channels, a hard disk on the first and a CD-ROM drive on the second, as a guest reaches them by ports. */
final class IdeFixture implements IdePorts {
    static final int SECTORS = AtaDrives.SECTORS;
    static final int CD_BLOCKS = AtaDrives.CD_BLOCKS;
    static final int MEMORY_SIZE = 1 << 20;

    final FakeIrqLine irq = new FakeIrqLine();
    final FakeIrqLine secondIrq = new FakeIrqLine();
    final FakeWorkers workers = new FakeWorkers();
    final GuestMemory memory = new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(MEMORY_SIZE, 8))));
    private final AtaDrives drives = new AtaDrives();
    final MemoryDisk disk = drives.disk;
    final MemoryDisk disc = drives.disc;
    final MediumSlot slot = drives.slot;
    final AtaDisk hardDisk = drives.hardDisk;
    final AtapiCdRom cd = drives.cd;
    final IdeChannel primary;
    final IdeChannel secondary;
    boolean mayMaster = true;

    IdeFixture() {
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
