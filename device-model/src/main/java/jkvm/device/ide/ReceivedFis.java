package jkvm.device.ide;

import java.util.Arrays;
import jkvm.memory.GuestMemory;

/**
 * The frames that a drive sends (Serial ATA 3.0 section 10.3), which the port puts into the guest's memory where it
 * asks for them (AHCI 1.3.1 section 4.2.1). Its port guards it.
 */
final class ReceivedFis {
    static final int AREA_SIZE = 256;
    static final int PIO_SETUP_OFFSET = 0x20;
    static final int REGISTERS_OFFSET = 0x40;
    static final int SET_BITS_OFFSET = 0x58;
    private static final int PIO_SETUP = 0x5F;
    private static final int REGISTERS = 0x34;
    private static final int SET_BITS = 0xA1;
    private static final int INTERRUPT_BIT = 0x40;
    private static final int TO_HOST_BIT = 0x20;
    /** Bits 3 and 7 of the status belong to PxTFD alone. */
    private static final int SET_BITS_STATUS = 0x77;
    private static final int SIZE = 20;

    private final GuestMemory memory;
    private final byte[] frame = new byte[SIZE];

    ReceivedFis(GuestMemory memory) {
        this.memory = memory;
    }

    /** The registers of a drive after a command or a reset. */
    void registers(long area, TaskFile file, boolean interrupts) {
        begin(REGISTERS, interrupts ? INTERRUPT_BIT : 0, file);
        putRegisters(file);
        memory.write(area + REGISTERS_OFFSET, frame, 0, SIZE);
    }

    /** The registers before a transfer by PIO, and the status after it. */
    void pioSetup(long area, TaskFile file, boolean toHost, int bytes) {
        begin(PIO_SETUP, INTERRUPT_BIT | (toHost ? TO_HOST_BIT : 0), file);
        putRegisters(file);
        frame[2] = (byte) (AtaUnit.READY | TaskFile.DRQ);
        frame[15] = (byte) file.status();
        frame[16] = (byte) bytes;
        frame[17] = (byte) (bytes >> Byte.SIZE);
        memory.write(area + PIO_SETUP_OFFSET, frame, 0, SIZE);
    }

    /** Queued commands have ended. */
    void setBits(long area, TaskFile file, int tags) {
        begin(SET_BITS, INTERRUPT_BIT, file);
        frame[2] = (byte) (file.status() & SET_BITS_STATUS);
        for (int i = 0; i < Integer.BYTES; i++) {
            frame[4 + i] = (byte) (tags >> i * Byte.SIZE);
        }
        memory.write(area + SET_BITS_OFFSET, frame, 0, 2 * Integer.BYTES);
    }

    private void begin(int type, int flags, TaskFile file) {
        Arrays.fill(frame, (byte) 0);
        frame[0] = (byte) type;
        frame[1] = (byte) flags;
        frame[2] = (byte) file.status();
        frame[3] = (byte) file.error();
    }

    private void putRegisters(TaskFile file) {
        for (int i = TaskFile.LBA_LOW; i <= TaskFile.LBA_HIGH; i++) {
            frame[1 + i] = (byte) file.get(i);
            frame[5 + i] = (byte) file.previous(i);
        }
        frame[7] = (byte) file.get(TaskFile.DEVICE);
        frame[12] = (byte) file.get(TaskFile.COUNT);
        frame[13] = (byte) file.previous(TaskFile.COUNT);
    }
}
