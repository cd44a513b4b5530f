package jkvm.machine.board;

import jkvm.bios.Ports;
import jkvm.bus.AddressSpace;

/** The ports of a board as its BIOS reaches them. */
record DevicePorts(AddressSpace ports) implements Ports {
    @Override
    public int in(int port) {
        return (int) ports.dispatchRead(port, Byte.BYTES) & 0xFF;
    }

    @Override
    public void out(int port, int value) {
        ports.dispatchWrite(port, Byte.BYTES, value & 0xFF);
    }

    @Override
    public int inWord(int port) {
        return (int) ports.dispatchRead(port, Short.BYTES) & 0xFFFF;
    }

    @Override
    public void outWord(int port, int value) {
        ports.dispatchWrite(port, Short.BYTES, value & 0xFFFF);
    }

    @Override
    public int inInt(int port) {
        return (int) ports.dispatchRead(port, Integer.BYTES);
    }

    @Override
    public void outInt(int port, int value) {
        ports.dispatchWrite(port, Integer.BYTES, Integer.toUnsignedLong(value));
    }
}
