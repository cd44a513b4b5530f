package jkvm.device.e1000;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import jkvm.host.net.NetFrame;
import jkvm.memory.GuestMemory;

/**
 * Stores frames through the receive ring (manual section 3.2). It first looks whether the ring's buffers hold all of a
 * frame, on copies of their addresses, and then stores it whole or not at all. Guarded by the device's lock.
 */
final class Receiver {
    /** The fate of a frame. */
    enum Outcome { TAKEN, FULL }

    private static final int FCS_SIZE = 4;
    private static final int MIN_FRAME = 60;
    private static final int HEADER_SIZE = 14;
    private static final int TAG_SIZE = 4;
    private static final int ADDRESSES_SIZE = 12;
    /** With the checksum. */
    private static final int MAX_STANDARD = 1522;
    private static final int MAX_JUMBO = 16384;
    /** Buffers of one frame, those with address zero counted. */
    private static final int MAX_BUFFERS = 1024;
    private static final int NEVER_FITS = -1;
    private static final int NOT_NOW = 0;

    private static final int STATUS_DD_BIT = 1;
    private static final int STATUS_EOP_BIT = 1 << 1;
    private static final int STATUS_VP_BIT = 1 << 3;
    private static final int STATUS_PIF_BIT = 1 << 7;

    private final RegisterFile registers;
    private final DescriptorRing ring;
    private final GuestMemory memory;
    private final Filters filters;
    private final Interrupts interrupts;
    private final Statistics statistics;
    private final NetFrame stripped = new NetFrame();
    /** The frame to store in guest memory. */
    private NetFrame image = stripped;
    private final long[] buffers = new long[MAX_BUFFERS];
    private final ReceiveChecksum checksums = new ReceiveChecksum();
    private final CRC32 crc = new CRC32();
    private int size;
    private int status;
    private int special;
    private int checksum;

    Receiver(RegisterFile registers, DescriptorRing ring, GuestMemory memory, Filters filters, Interrupts interrupts,
            Statistics statistics) {
        this.registers = registers;
        this.ring = ring;
        this.memory = memory;
        this.filters = filters;
        this.interrupts = interrupts;
        this.statistics = statistics;
    }

    /**
     * Stores a frame if it is for the guest. Reception is enabled.
     *
     * @param mayWait a frame for which there are not yet enough buffers comes again; otherwise it is lost
     */
    Outcome receive(NetFrame frame, boolean mayWait) {
        int length = frame.length();
        if (length < HEADER_SIZE) {
            statistics.count(Statistics.RUC_OFFSET);
            return Outcome.TAKEN;
        }
        int control = registers.get(RegisterMap.RCTL_OFFSET);
        int limit = (control & RegisterMap.RCTL_LPE_BIT) != 0 ? MAX_JUMBO : MAX_STANDARD;
        if (length + FCS_SIZE > limit) {
            statistics.count(Statistics.ROC_OFFSET);
            return Outcome.TAKEN;
        }
        Filters.Match match = filters.match(frame.data(), length);
        if (match == Filters.Match.NONE) {
            return Outcome.TAKEN;
        }
        boolean strips = (registers.get(RegisterMap.CTRL_OFFSET) & RegisterMap.CTRL_VME_BIT) != 0
                && filters.isTagged(frame.data(), length);
        boolean keepsFcs = (control & RegisterMap.RCTL_SECRC_BIT) == 0;
        size = Math.max(length, MIN_FRAME) - (strips ? TAG_SIZE : 0) + (keepsFcs ? FCS_SIZE : 0);
        int bufferSize = bufferSize(control);
        int count = plan(bufferSize);
        if (count == NOT_NOW && mayWait) {
            return Outcome.FULL;
        }
        if (count <= 0) {
            statistics.count(Statistics.RNBC_OFFSET);
            statistics.count(Statistics.MPC_OFFSET);
            interrupts.raise(RegisterMap.RXO_BIT);
            return Outcome.TAKEN;
        }
        status = match == Filters.Match.INEXACT ? STATUS_PIF_BIT : 0;
        stage(frame, strips, keepsFcs);
        store(count, bufferSize);
        ByteBuffer data = frame.data();
        statistics.received(Math.max(length, MIN_FRAME) + FCS_SIZE, Filters.isMulticast(data),
                Filters.isBroadcast(data));
        interrupt(control, length);
        return Outcome.TAKEN;
    }

    static int bufferSize(int control) {
        int code = control >>> RegisterMap.RCTL_BSIZE_SHIFT & 3;
        boolean extended = (control & RegisterMap.RCTL_BSEX_BIT) != 0 && code != 0;
        return (extended ? 32768 : 2048) >> code;
    }

    /**
     * Finds the buffers for {@link #size} bytes.
     *
     * @return how many descriptors they take
     */
    private int plan(int bufferSize) {
        int available = ring.available();
        int room = 0;
        for (int i = 0; i < available; i++) {
            long descriptor = ring.address(i);
            if (i == MAX_BUFFERS) {
                return NEVER_FITS;
            }
            if (!memory.contains(descriptor, DescriptorRing.DESCRIPTOR_SIZE)) {
                return NOT_NOW;
            }
            buffers[i] = memory.readLong(descriptor);
            room += buffers[i] != 0 ? bufferSize : 0;
            if (room >= size) {
                return i + 1;
            }
        }
        return available > 0 && available >= ring.entries() - 1 ? NEVER_FITS : NOT_NOW;
    }

    /** Completes what goes into memory: in the frame's own buffer, unless a tag is taken out of its middle. */
    private void stage(NetFrame frame, boolean strips, boolean keepsFcs) {
        int length = frame.length();
        special = 0;
        image = frame;
        if (strips) {
            special = frame.data().getShort(ADDRESSES_SIZE + Short.BYTES) & 0xFFFF;
            status |= STATUS_VP_BIT;
            image = stripped;
            MemorySegment.copy(frame.memory(), 0, stripped.memory(), 0, ADDRESSES_SIZE);
            int rest = length - ADDRESSES_SIZE - TAG_SIZE;
            MemorySegment.copy(frame.memory(), ADDRESSES_SIZE + TAG_SIZE, stripped.memory(), ADDRESSES_SIZE, rest);
            length -= TAG_SIZE;
        }
        ByteBuffer data = image.data();
        int end = size - (keepsFcs ? FCS_SIZE : 0);
        while (length < end) {
            data.put(length++, (byte) 0);
        }
        int control = registers.get(RegisterMap.RXCSUM_OFFSET);
        status |= checksums.check(data, end, control, frame.isChecksumValid());
        checksum = checksums.sumFrom(control & RegisterMap.RXCSUM_PCSS_MASK);
        if (keepsFcs) {
            crc.reset();
            data.limit(end);
            crc.update(data);
            data.clear();
            data.putInt(end, Integer.reverseBytes((int) crc.getValue()));
        }
    }

    private void store(int count, int bufferSize) {
        int position = 0;
        for (int i = 0; i < count; i++) {
            int length = buffers[i] == 0 ? 0 : Math.min(bufferSize, size - position);
            if (length > 0 && memory.contains(buffers[i], length)) {
                memory.write(buffers[i], image.memory(), position, length);
            }
            position += length;
            boolean last = i == count - 1;
            long flags = last ? status | STATUS_EOP_BIT | STATUS_DD_BIT : STATUS_DD_BIT;
            long word = length | (last ? (long) checksum << 16 : 0) | flags << 32 | (last ? (long) special << 48 : 0);
            memory.writeLongRelease(ring.address(i) + Long.BYTES, word);
        }
        ring.advance(count);
    }

    private void interrupt(int control, int length) {
        int causes = 0;
        int threshold = ring.entries() >> 1 + (control >>> RegisterMap.RCTL_RDMTS_SHIFT & 3);
        if (ring.available() <= threshold) {
            causes |= RegisterMap.RXDMT0_BIT;
        }
        int small = registers.get(RegisterMap.RSRPD_OFFSET);
        if (small != 0 && Math.max(length, MIN_FRAME) + FCS_SIZE <= small) {
            causes |= RegisterMap.SRPD_BIT;
        }
        interrupts.raise(causes);
        interrupts.received();
    }
}
