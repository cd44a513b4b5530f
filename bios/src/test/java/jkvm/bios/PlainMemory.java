package jkvm.bios;

import jkvm.memory.GuestMemory;

/** A guest's RAM with nothing around it: elsewhere bytes read as all ones, and writes are dropped. */
record PlainMemory(GuestMemory ram) implements PhysicalMemory {
    @Override
    public int readByte(long address) {
        return ram.contains(address, 1) ? ram.readByte(address) & 0xFF : 0xFF;
    }

    @Override
    public void writeByte(long address, int value) {
        if (ram.contains(address, 1)) {
            ram.writeByte(address, (byte) value);
        }
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        for (int i = 0; i < length; i++) {
            target[offset + i] = (byte) readByte(address + i);
        }
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        for (int i = 0; i < length; i++) {
            writeByte(address + i, source[offset + i]);
        }
    }
}
