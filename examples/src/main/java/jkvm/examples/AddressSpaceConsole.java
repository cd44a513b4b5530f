package jkvm.examples;

import jkvm.app.harness.SerialConsole;
import jkvm.bus.AddressSpace;

/** Takes what the guest does to the address spaces; bytes at ports are for the console. */
class AddressSpaceConsole extends SerialConsole {
    private final AddressSpace ports;
    private final AddressSpace memory;

    AddressSpaceConsole(AddressSpace ports, AddressSpace memory) {
        super(System.out);
        this.ports = ports;
        this.memory = memory;
    }

    @Override
    public int inl(int port) {
        return (int) ports.dispatchRead(port, Integer.BYTES);
    }

    @Override
    public void outl(int port, int value) {
        ports.dispatchWrite(port, Integer.BYTES, Integer.toUnsignedLong(value));
    }

    @Override
    public long mmioRead(long address, int size) {
        return memory.dispatchRead(address, size);
    }

    @Override
    public void mmioWrite(long address, int size, long value) {
        memory.dispatchWrite(address, size, value);
    }
}
