package jkvm.bench;

import java.lang.foreign.Arena;
import java.util.List;
import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.device.e1000.E1000;
import jkvm.device.pci.PciBus;
import jkvm.device.pci.PciConfigPorts;
import jkvm.device.pci.PirqRouter;
import jkvm.host.net.NetFrame;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.work.Worker;

/**
 * An 82540EM between a driver and a wire, without a guest: the driver sets its registers through the machine's address
 * space, its rings lie in memory, the NIC's work is done on the caller's thread, and the wire takes all and counts it.
 * One thread uses it.
 */
final class E1000Rings {
    /** Descriptors of a ring, and bytes of a buffer that each may have. */
    static final int RING_SIZE = 256, BUFFER_SIZE = 2048;
    private static final int TRANSMIT_RING = 0x10000, RECEIVE_RING = 0x20000;
    /** Where a packet to send may be put, and where received ones are. */
    static final int TRANSMIT_BUFFER = 0x100000;
    private static final int RECEIVE_BUFFERS = 0x200000, MEMORY_SIZE = 4 << 20;
    static final byte[] MAC = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

    private static final long REGISTERS = 0xFEB00000L;
    private static final int ICR = 0xC0, IMS = 0xD0, RCTL = 0x100, TCTL = 0x400, RDBAL = 0x2800, TDBAL = 0x3800,
            RXCSUM = 0x5000;
    private static final int RING_LENGTH = 8, RING_TAIL = 24;
    private static final int RCTL_ENABLE = 1 << 1 | 1 << 15, TCTL_ENABLE = 1 << 1 | 1 << 3, CHECK_IP_AND_TCP = 3 << 8;
    /** Those that Linux's driver enables: transmit done, receive timer, receive threshold, link, sequence error. */
    private static final int INTERRUPTS = 0x9D;
    private static final int SLOT = 5, BAR_0 = 0x10, COMMAND = 4, MEMORY_AND_MASTER = 6;

    final GuestMemory memory =
            new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(MEMORY_SIZE, 4096))));
    private final AddressSpace addresses = new AddressSpace("memory");
    private final CountingWire wire = new CountingWire();
    private Runnable work;
    private boolean woken;
    private long interrupts;
    private int transmitTail;
    private int receiveNext;

    E1000Rings() {
        AddressSpace ports = new AddressSpace("port");
        PciBus bus = new PciBus(ports, addresses, new PirqRouter(_ -> level -> interrupts += level ? 1 : 0,
                List.of(10, 10, 11, 11)));
        PciConfigPorts config = new PciConfigPorts(bus);
        ports.add(new AddressRange(PciConfigPorts.ADDRESS_PORT, PciConfigPorts.PORTS), config.addressPort());
        ports.add(new AddressRange(PciConfigPorts.DATA_PORT, PciConfigPorts.PORTS), config.dataPort());
        bus.add(SLOT, 0, new E1000("e1000", MAC, memory, new StillClock(), wire, this::worker));
        configure(ports, BAR_0, REGISTERS);
        configure(ports, COMMAND, MEMORY_AND_MASTER);
        setUp(TDBAL, TRANSMIT_RING);
        setUp(RDBAL, RECEIVE_RING);
        for (int i = 0; i < RING_SIZE; i++) {
            memory.writeLong(RECEIVE_RING + 16L * i, RECEIVE_BUFFERS + (long) BUFFER_SIZE * i);
        }
        write(RDBAL + RING_TAIL, RING_SIZE - 1);
        write(RXCSUM, CHECK_IP_AND_TCP);
        write(TCTL, TCTL_ENABLE);
        write(RCTL, RCTL_ENABLE);
        write(IMS, INTERRUPTS);
    }

    private static void configure(AddressSpace ports, int register, long value) {
        ports.dispatchWrite(PciConfigPorts.ADDRESS_PORT, 4, 0x80000000L | SLOT << 11 | register);
        ports.dispatchWrite(PciConfigPorts.DATA_PORT, 4, value);
    }

    private void setUp(int ring, int address) {
        write(ring, address);
        write(ring + RING_LENGTH, RING_SIZE * 16);
    }

    private void write(int register, int value) {
        addresses.dispatchWrite(REGISTERS + register, 4, value);
        while (woken) {
            woken = false;
            work.run();
        }
    }

    /** Puts a descriptor into the transmit ring, and rings no bell. */
    void put(long low, long high) {
        memory.writeLong(TRANSMIT_RING + 16L * transmitTail, low);
        memory.writeLong(TRANSMIT_RING + 16L * transmitTail + 8, high);
        transmitTail = (transmitTail + 1) % RING_SIZE;
    }

    /**
     * Makes the NIC send all frames that were put, and reads the interrupt's cause.
     *
     * @return frames that the wire has taken
     */
    long send() {
        write(TDBAL + RING_TAIL, transmitTail);
        acknowledge();
        return wire.frames;
    }

    /** The status that the NIC has written into the last descriptor that was put. */
    int lastStatus() {
        return memory.readByte(TRANSMIT_RING + 16L * ((transmitTail + RING_SIZE - 1) % RING_SIZE) + 12);
    }

    /**
     * Delivers a frame to the NIC.
     *
     * @return false if the ring is full
     */
    boolean arrive(NetFrame frame) {
        return wire.device.receive(frame);
    }

    /**
     * Takes what has arrived and gives the buffers back, as a driver does.
     *
     * @return bytes
     */
    long take() {
        acknowledge();
        long bytes = 0;
        int taken = 0;
        long word = receivedWord();
        while ((word >>> 32 & 1) != 0) {
            bytes += word & 0xFFFF;
            memory.writeLong(RECEIVE_RING + 16L * receiveNext + 8, 0);
            receiveNext = (receiveNext + 1) % RING_SIZE;
            taken++;
            word = receivedWord();
        }
        if (taken > 0) {
            write(RDBAL + RING_TAIL, (receiveNext + RING_SIZE - 1) % RING_SIZE);
        }
        return bytes;
    }

    private long receivedWord() {
        return memory.readLong(RECEIVE_RING + 16L * receiveNext + 8);
    }

    private void acknowledge() {
        if (addresses.dispatchRead(REGISTERS + ICR, 4) == 0) {
            throw new IllegalStateException("no interrupt");
        }
    }

    private Worker worker(Runnable newWork) {
        work = newWork;
        return new Worker() {
            @Override
            public void wake() {
                woken = true;
            }

            @Override
            public void pause() {
                // Nothing runs by itself.
            }

            @Override
            public void resume() {
                // Nothing runs by itself.
            }

            @Override
            public void close() {
                // There is no thread.
            }
        };
    }
}
