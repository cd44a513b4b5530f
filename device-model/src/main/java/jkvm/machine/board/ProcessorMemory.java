package jkvm.machine.board;

import jkvm.bios.PhysicalMemory;
import jkvm.bus.AddressSpace;
import jkvm.device.platform.ShadowMemory;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.tables.MemoryMap;

/**
 * Guest physical memory as a machine with firmware has it: RAM, and where there is none, or RAM that is shadowed or
 * hidden by a display's, what the devices answer.
 */
final class ProcessorMemory implements PhysicalMemory {
    private static final long HOLE_START = MemoryMap.CONVENTIONAL_END;
    private static final long HOLE_END = ShadowMemory.START + ShadowMemory.SIZE;

    private final GuestMemory ram;
    private final AddressSpace devices;

    ProcessorMemory(GuestMemory ram, AddressSpace devices) {
        this.ram = ram;
        this.devices = devices;
    }

    @Override
    public int readByte(long address) {
        return (int) (ramFrom(address) > 0 ? ram.readByte(address) : devices.dispatchRead(address, 1)) & 0xFF;
    }

    @Override
    public void writeByte(long address, int value) {
        if (ramFrom(address) > 0) {
            ram.writeByte(address, (byte) value);
        } else {
            devices.dispatchWrite(address, 1, value & 0xFF);
        }
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        int done = 0;
        while (done < length) {
            long room = ramFrom(address + done);
            if (room > 0) {
                int part = (int) Math.min(length - done, room);
                ram.read(address + done, target, offset + done, part);
                done += part;
            } else {
                target[offset + done] = (byte) devices.dispatchRead(address + done, 1);
                done++;
            }
        }
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        int done = 0;
        while (done < length) {
            long room = ramFrom(address + done);
            if (room > 0) {
                int part = (int) Math.min(length - done, room);
                ram.write(address + done, source, offset + done, part);
                done += part;
            } else {
                devices.dispatchWrite(address + done, 1, source[offset + done] & 0xFF);
                done++;
            }
        }
    }

    /** The number of bytes of RAM that begin at an address; zero or less if there is none. */
    private long ramFrom(long address) {
        if (address >= HOLE_START && address < HOLE_END || !ram.contains(address, 1)) {
            return 0;
        }
        MemoryRegion region = ram.region(address);
        return (address < HOLE_START ? Math.min(HOLE_START, region.end()) : region.end()) - address;
    }
}
