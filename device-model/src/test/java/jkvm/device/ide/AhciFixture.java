package jkvm.device.ide;

import java.lang.foreign.Arena;
import java.util.List;
import jkvm.bus.FakeMsiSink;
import jkvm.device.pci.PciFixture;
import jkvm.device.pci.PciFunction;
import jkvm.device.virtio.transport.FakeWorkers;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/** An AHCI controller with a hard disk at port 0 and a CD-ROM drive at port 1, and a driver for it. */
final class AhciFixture {
    static final long REGISTERS = 0xF000_0000L;
    static final int MEMORY_SIZE = 1 << 20;
    static final int LIST = 0x10000;
    static final int AREA = 0x12000;
    static final int TABLES = 0x14000;
    static final int TABLE_SIZE = 0x400;
    static final int BUFFER = 0x40000;
    static final int READY = AtaUnit.READY;
    private static final int PORT_SPACING = 0x400;
    private static final int BAR_OFFSET = 0x24;
    private static final int TO_DEVICE = 0x27;
    private static final int FIS_WORDS = 5;

    final FakeWorkers workers = new FakeWorkers();
    final GuestMemory memory = new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(MEMORY_SIZE, 8))));
    final FakeMsiSink messages = new FakeMsiSink();
    final PciFixture pci = new PciFixture();
    final AtaDrives drives = new AtaDrives();
    final AhciController controller;

    AhciFixture() {
        controller = new AhciController("ahci", workers, memory, messages);
        controller.number(0, "ahci", 0);
        controller.plug(IdeType.FIRST_SATA_PLACE, drives.hardDisk);
        controller.plug(IdeType.FIRST_SATA_PLACE + IdeCable.PLACES, drives.cd);
        pci.plug(controller);
        enable();
    }

    /** Gives the controller its place in memory, and lets it work. */
    void enable() {
        pci.write(BAR_OFFSET, Integer.BYTES, REGISTERS);
        pci.enable();
    }

    int read(long offset) {
        return (int) pci.memory.dispatchRead(REGISTERS + offset, Integer.BYTES);
    }

    void write(long offset, int value) {
        pci.memory.dispatchWrite(REGISTERS + offset, Integer.BYTES, value);
    }

    int port(int port, int offset) {
        return read(AhciController.PORTS_OFFSET + port * AhciPort.SIZE + offset);
    }

    void port(int port, int offset, int value) {
        write(AhciController.PORTS_OFFSET + port * AhciPort.SIZE + offset, value);
    }

    /** Lets a port work, with all interrupts of its own. */
    void start(int port) {
        write(AhciHost.CONTROL_OFFSET, AhciHost.INTERRUPTS_BIT);
        port(port, AhciPort.LIST_OFFSET, LIST + port * PORT_SPACING);
        port(port, AhciPort.AREA_OFFSET, AREA + port * PORT_SPACING);
        port(port, AhciPort.STATUS_OFFSET, -1);
        port(port, AhciPort.LINK_ERROR_OFFSET, -1);
        write(AhciHost.STATUS_OFFSET, -1);
        port(port, AhciPort.ENABLE_OFFSET, -1);
        port(port, AhciPort.COMMAND_OFFSET, AhciPort.RECEIVE_BIT | AhciPort.START_BIT);
    }

    static int table(int port, int slot) {
        return TABLES + (port * AhciSlots.COUNT + slot) * TABLE_SIZE;
    }

    /**
     * Writes a command into a slot.
     *
     * @param features in the low byte; the high byte is that of 48-bit commands
     * @param regions  address and bytes of each
     */
    void put(int port, int slot, int opcode, int features, long lba, int count, long... regions) {
        int table = table(port, slot);
        int header = LIST + port * PORT_SPACING + slot * 32;
        memory.writeInt(header, FIS_WORDS | regions.length / 2 << 16);
        memory.writeInt(header + 4, 0);
        memory.writeLong(header + 8, table);
        byte[] fis = {TO_DEVICE, (byte) 0x80, (byte) opcode, (byte) features, (byte) lba, (byte) (lba >> 8),
            (byte) (lba >> 16), 0x40, (byte) (lba >> 24), (byte) (lba >> 32), (byte) (lba >> 40),
            (byte) (features >> 8), (byte) count, (byte) (count >> 8), 0, 0, 0, 0, 0, 0};
        memory.write(table, fis);
        for (int i = 0; i < regions.length; i += 2) {
            memory.writeLong(table + 0x80 + i * 8L, regions[i]);
            memory.writeLong(table + 0x88 + i * 8L, regions[i + 1] - 1 << 32);
        }
    }

    void issue(int port, int slots) {
        port(port, AhciPort.ISSUED_OFFSET, slots);
    }

    /** A packet for the CD-ROM drive in slot 0, by DMA. */
    void packet(byte[] packet, long... regions) {
        put(1, 0, AtapiCdRom.PACKET, 1, 0, 0, regions);
        memory.write(table(1, 0) + 0x40, packet);
        issue(1, 1);
    }

    byte[] bytes(long address, int count) {
        byte[] bytes = new byte[count];
        memory.read(address, bytes, 0, count);
        return bytes;
    }

    /** A byte of a port's area for frames. */
    int frame(int port, int offset) {
        return memory.readByte(AREA + port * PORT_SPACING + offset) & 0xFF;
    }

    boolean interrupts() {
        return (pci.read(PciFunction.STATUS_OFFSET, 2) & 8) != 0;
    }
}
