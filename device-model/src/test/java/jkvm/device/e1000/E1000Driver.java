package jkvm.device.e1000;

import java.util.Arrays;

/** Drives the NIC in the order in which Linux's e1000 driver does. */
final class E1000Driver {
    static final int EOP = 1;
    static final int IFCS = 2;
    static final int IC = 4;
    static final int TSE = 4;
    static final int RS = 8;
    static final int DEXT = 0x20;
    static final int VLE = 0x40;
    static final int IDE = 0x80;
    static final int TRANSMIT_RING = 0x10000;
    static final int RECEIVE_RING = 0x20000;
    static final int TRANSMIT_BUFFERS = 0x100000;
    static final int RECEIVE_BUFFERS = 0x200000;
    static final int BUFFER_SIZE = 2048;
    static final int RING_SIZE = 64;
    static final int INTERRUPTS =
            RegisterMap.TXDW_BIT | RegisterMap.RXT0_BIT | RegisterMap.RXDMT0_BIT | RegisterMap.LSC_BIT | 1 << 3;

    private static final int REQUEST = 0x40;
    private static final int GRANT = 0x80;
    private static final int SELECT = 2;
    private static final int CLOCK = 1;
    private static final int DATA_IN = 4;
    private static final int DATA_OUT = 8;

    final E1000Fixture machine;
    private int tail;
    private int next;
    private long buffer = TRANSMIT_BUFFERS;

    E1000Driver(E1000Fixture machine) {
        this.machine = machine;
    }

    /** All that comes before the first frame. */
    E1000Driver start() {
        reset();
        machine.write(RegisterMap.CTRL_OFFSET, machine.read(RegisterMap.CTRL_OFFSET) | 0x40);
        setUpTransmit();
        setUpReceive(RegisterMap.RCTL_BAM_BIT);
        machine.write(RegisterMap.IMS_OFFSET, INTERRUPTS);
        return this;
    }

    /** e1000_reset_hw: the reset itself goes through the ports. */
    void reset() {
        machine.write(RegisterMap.IMC_OFFSET, -1);
        machine.write(RegisterMap.RCTL_OFFSET, 0);
        machine.write(RegisterMap.TCTL_OFFSET, RegisterMap.TCTL_PSP_BIT);
        machine.writeByPorts(RegisterMap.CTRL_OFFSET, machine.read(RegisterMap.CTRL_OFFSET) | RegisterMap.CTRL_RST_BIT);
        machine.write(RegisterMap.IMC_OFFSET, -1);
        machine.read(RegisterMap.ICR_OFFSET);
    }

    /** A word of the EEPROM, bit by bit. */
    int readEeprom(int word) {
        int control = machine.read(RegisterMap.EECD_OFFSET) | REQUEST;
        machine.write(RegisterMap.EECD_OFFSET, control);
        if ((machine.read(RegisterMap.EECD_OFFSET) & GRANT) == 0) {
            throw new AssertionError("no grant");
        }
        control = control & ~(CLOCK | DATA_IN | SELECT);
        machine.write(RegisterMap.EECD_OFFSET, control);
        control |= SELECT;
        machine.write(RegisterMap.EECD_OFFSET, control);
        int command = 0b110 << 6 | word;
        for (int bit = 8; bit >= 0; bit--) {
            clock(control | ((command >>> bit & 1) != 0 ? DATA_IN : 0));
        }
        int value = 0;
        for (int bit = 0; bit < 16; bit++) {
            machine.write(RegisterMap.EECD_OFFSET, control | CLOCK);
            value = value << 1 | ((machine.read(RegisterMap.EECD_OFFSET) & DATA_OUT) != 0 ? 1 : 0);
            machine.write(RegisterMap.EECD_OFFSET, control);
        }
        machine.write(RegisterMap.EECD_OFFSET, control & ~(SELECT | REQUEST));
        return value;
    }

    private void clock(int control) {
        machine.write(RegisterMap.EECD_OFFSET, control);
        machine.write(RegisterMap.EECD_OFFSET, control | CLOCK);
        machine.write(RegisterMap.EECD_OFFSET, control);
    }

    void setUpTransmit() {
        tail = 0;
        setRing(RegisterMap.TDBAL_OFFSET, TRANSMIT_RING);
        machine.write(RegisterMap.TCTL_OFFSET, RegisterMap.TCTL_EN_BIT | RegisterMap.TCTL_PSP_BIT);
    }

    /** Gives the NIC all buffers but one. */
    void setUpReceive(int control) {
        next = 0;
        machine.write(RegisterMap.RCTL_OFFSET, 0);
        for (int i = 0; i < RING_SIZE; i++) {
            machine.memory.writeLong(RECEIVE_RING + 16L * i, RECEIVE_BUFFERS + (long) BUFFER_SIZE * i);
            machine.memory.writeLong(RECEIVE_RING + 16L * i + 8, 0);
        }
        setRing(RegisterMap.RDBAL_OFFSET, RECEIVE_RING);
        machine.write(RegisterMap.RDBAL_OFFSET + RegisterMap.RING_TAIL, RING_SIZE - 1);
        machine.write(RegisterMap.RCTL_OFFSET, RegisterMap.RCTL_EN_BIT | control);
    }

    private void setRing(int register, int address) {
        machine.write(register, address);
        machine.write(register + RegisterMap.RING_BAH, 0);
        machine.write(register + RegisterMap.RING_LEN, RING_SIZE * 16);
        machine.write(register + RegisterMap.RING_HEAD, 0);
        machine.write(register + RegisterMap.RING_TAIL, 0);
    }

    /**
     * Puts a descriptor into the ring, and rings no bell.
     *
     * @return its address
     */
    long put(long low, long high) {
        long address = TRANSMIT_RING + 16L * tail;
        machine.memory.writeLong(address, low);
        machine.memory.writeLong(address + 8, high);
        tail = (tail + 1) % RING_SIZE;
        return address;
    }

    /** Puts bytes where a descriptor can point to. */
    long data(byte[] bytes) {
        long address = buffer;
        machine.memory.write(address, bytes);
        buffer = buffer + bytes.length > RECEIVE_BUFFERS - 0x20000 ? TRANSMIT_BUFFERS : buffer + bytes.length + 3;
        return address;
    }

    long putLegacy(byte[] bytes, int command) {
        return put(data(bytes), bytes.length | (long) command << 24);
    }

    /** @param options POPTS: 1 for the IP checksum, 2 for TCP's or UDP's */
    long putData(byte[] bytes, int command, int options) {
        return put(data(bytes), bytes.length | 1L << 20 | (long) (command | DEXT) << 24 | (long) options << 40);
    }

    /** @param command TUCMD: 1 TCP, 2 IPv4, 4 TSE, 8 RS */
    long putContext(int ip, int transport, int checksum, int command, int header, int mss) {
        long low = ip | (long) (ip + 10) << 8 | (long) (transport - 1) << 16
                | (long) transport << 32 | (long) checksum << 40;
        return put(low, (long) (command | DEXT) << 24 | (long) header << 40 | (long) mss << 48);
    }

    void ring() {
        machine.write(RegisterMap.TDBAL_OFFSET + RegisterMap.RING_TAIL, tail);
    }

    boolean isDone(long descriptor) {
        return (machine.memory.readByte(descriptor + 12) & 1) != 0;
    }

    /** Takes the next frame out of the receive ring; null if there is none. Its buffers are not given back. */
    byte[] take() {
        byte[] frame = new byte[0];
        while ((status() & 1) != 0) {
            long word = lastWord();
            int length = (int) word & 0xFFFF;
            frame = Arrays.copyOf(frame, frame.length + length);
            long from = machine.memory.readLong(RECEIVE_RING + 16L * next);
            machine.memory.read(from, frame, frame.length - length, length);
            boolean last = (status() & 2) != 0;
            machine.memory.writeLong(RECEIVE_RING + 16L * next + 8, 0);
            next = (next + 1) % RING_SIZE;
            if (last) {
                taken = word;
                return frame;
            }
        }
        return null;
    }

    /** The second half of the last descriptor of what {@link #take} gave. */
    long taken;

    private long lastWord() {
        return machine.memory.readLong(RECEIVE_RING + 16L * next + 8);
    }

    /** Status of the next descriptor. */
    int status() {
        return (int) (lastWord() >>> 32) & 0xFF;
    }

    /** Gives the NIC buffers up to here. */
    void giveBack(int newTail) {
        machine.write(RegisterMap.RDBAL_OFFSET + RegisterMap.RING_TAIL, newTail);
    }
}
