package jkvm.device.ide;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A controller as a driver reaches it: ours, or QEMU's. The driver polls, and reads and writes words. */
interface IdePorts {
    int PRIMARY = 0x1F0;
    int SECONDARY = 0x170;
    int MASTER = 0xC000;
    int TABLE = 0x8000;
    int BUFFER = 0x10000;
    int SECTOR = 512;

    long in(int port, int size) throws IOException;

    void out(int port, int size, long value) throws IOException;

    void writeMemory(long address, byte[] bytes) throws IOException;

    byte[] readMemory(long address, int count) throws IOException;

    /** The status, once the drive is not busy. */
    default int status(int base) throws IOException {
        int status = (int) in(base + TaskFile.STATUS, 1);
        for (int i = 0; i < 2000 && (status & TaskFile.BSY) != 0; i++) {
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            status = (int) in(base + TaskFile.STATUS, 1);
        }
        return status;
    }

    /** Commands with a 48-bit address: their registers are written twice, the upper bytes first. */
    private static boolean isWide(int opcode) {
        return opcode >= 0x24 && opcode <= 0x29 || opcode >= 0x34 && opcode <= 0x39 || opcode == 0x42;
    }

    /** Writes features, count and the three address registers, device and command. */
    default void command(int base, int features, int count, long address, int device, int opcode) throws IOException {
        out(base + TaskFile.DEVICE, 1, device);
        if (isWide(opcode)) {
            out(base + TaskFile.COUNT, 1, count >> 8);
            for (int i = 0; i < 3; i++) {
                out(base + TaskFile.LBA_LOW + i, 1, address >> 24 + 8 * i & 0xFF);
            }
        }
        out(base + TaskFile.FEATURES, 1, features & 0xFF);
        out(base + TaskFile.COUNT, 1, count & 0xFF);
        for (int i = 0; i < 3; i++) {
            out(base + TaskFile.LBA_LOW + i, 1, address >> 8 * i & 0xFF);
        }
        out(base + TaskFile.COMMAND, 1, opcode);
    }

    /** Reads blocks while the drive has some. */
    default byte[] readBlocks(int base, int blockSize, int most) throws IOException {
        byte[] all = new byte[most];
        int at = 0;
        while ((status(base) & TaskFile.DRQ) != 0 && at < most) {
            for (int i = 0; i < blockSize && at < most; i += 2) {
                long word = in(base, 2);
                all[at++] = (byte) word;
                if (at < most) {
                    all[at++] = (byte) (word >> 8);
                }
            }
        }
        return Arrays.copyOf(all, at);
    }

    default void writeBlock(int base, byte[] bytes, int at, int count) throws IOException {
        for (int i = 0; i < count; i += 2) {
            out(base, 2, bytes[at + i] & 0xFF | (bytes[at + i + 1] & 0xFF) << 8);
        }
    }

    /** Error, count, address and device registers with the status, as text. */
    default String registers(int base) throws IOException {
        int status = status(base);
        StringBuilder text = new StringBuilder("status %02x".formatted(status));
        for (int i = TaskFile.ERROR; i <= TaskFile.DEVICE; i++) {
            text.append(" %02x".formatted(in(base + i, 1)));
        }
        return text.toString();
    }

    /** Writes a table whose entries are pairs of address and length, the last one marked as the end. */
    default void table(long... entries) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(entries.length * 4)
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < entries.length; i += 2) {
            bytes.putInt((int) entries[i]);
            bytes.putInt((int) (entries[i + 1] & 0xFFFF) | (i + 2 == entries.length ? 1 << 31 : 0));
        }
        writeMemory(TABLE, bytes.array());
    }

    /** Starts the bus master of the first channel. */
    default void startMaster(boolean toMemory) throws IOException {
        out(MASTER + BusMaster.TABLE_OFFSET, 4, TABLE);
        out(MASTER + BusMaster.STATUS_OFFSET, 1, BusMaster.INTERRUPT_BIT | BusMaster.ERROR_BIT);
        out(MASTER, 1, toMemory ? BusMaster.TO_MEMORY_BIT : 0);
        out(MASTER, 1, BusMaster.START_BIT | (toMemory ? BusMaster.TO_MEMORY_BIT : 0));
    }

    default void stopMaster() throws IOException {
        out(MASTER, 1, 0);
    }

    /** Begins a packet command of the second channel's first drive, and sends the packet. */
    default void packet(int features, int byteCount, int... cdb) throws IOException {
        command(SECONDARY, features, 0, (long) byteCount << 8, 0xA0, 0xA0);
        status(SECONDARY);
        byte[] packet = new byte[12];
        for (int i = 0; i < cdb.length; i++) {
            packet[i] = (byte) cdb[i];
        }
        writeBlock(SECONDARY, packet, 0, packet.length);
    }
}
