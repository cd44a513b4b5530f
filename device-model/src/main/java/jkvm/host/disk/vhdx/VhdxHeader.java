package jkvm.host.disk.vhdx;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;

/**
 * The current one of a file's two headers.
 *
 * @param number    which of the two it is
 * @param sequence  a number that grows with each change
 * @param fileId    changes with the file
 * @param dataId    changes with the disk's content
 * @param logId     the log's; zeros if it is empty
 * @param logOffset where the log is in the file
 */
record VhdxHeader(int number, long sequence, Guid fileId, Guid dataId, Guid logId, int logVersion, long logLength,
        long logOffset) {
    static final String FILE_SIGNATURE = "vhdxfile";
    private static final String SIGNATURE = "head";
    static final int MIB = 1 << 20;
    private static final long[] OFFSETS = {1 << 16, 2 << 16};
    private static final int LENGTH = 4096, VERSION = 1;
    private static final int SEQUENCE_FIELD = 8, FILE_ID_FIELD = 16, DATA_ID_FIELD = 32, LOG_ID_FIELD = 48;
    private static final int LOG_VERSION_FIELD = 64, VERSION_FIELD = 66, LOG_LENGTH_FIELD = 68, LOG_OFFSET_FIELD = 72;

    static boolean isVhdx(BlockFile file) throws IOException {
        MemorySegment start = Bytes.allocate(8);
        return file.read(0, start) == 8 && Fields.hasSignature(start, FILE_SIGNATURE);
    }

    /** @throws IOException if neither header is valid */
    static VhdxHeader read(BlockFile file) throws IOException {
        if (!isVhdx(file)) {
            throw new IOException("not a vhdx image");
        }
        VhdxHeader first = read(file, 0);
        VhdxHeader second = read(file, 1);
        VhdxHeader current = second == null || first != null && first.sequence >= second.sequence ? first : second;
        if (current == null) {
            throw new IOException("No valid VHDX header found");
        }
        if (current.logVersion != 0) {
            throw new IOException("version " + current.logVersion + " of the log is not supported");
        }
        return current;
    }

    /** @return null if it is not valid */
    private static VhdxHeader read(BlockFile file, int number) throws IOException {
        MemorySegment bytes = Bytes.allocate(LENGTH);
        if (file.read(OFFSETS[number], bytes) < LENGTH || !Fields.hasSignature(bytes, SIGNATURE)
                || !Fields.hasRightChecksum(bytes) || Fields.of(bytes).getShort(VERSION_FIELD) != VERSION) {
            return null;
        }
        ByteBuffer fields = Fields.of(bytes);
        return new VhdxHeader(number, fields.getLong(SEQUENCE_FIELD), Guid.read(bytes, FILE_ID_FIELD),
                Guid.read(bytes, DATA_ID_FIELD), Guid.read(bytes, LOG_ID_FIELD), fields.getShort(LOG_VERSION_FIELD),
                Integer.toUnsignedLong(fields.getInt(LOG_LENGTH_FIELD)), fields.getLong(LOG_OFFSET_FIELD));
    }

    boolean hasLog() {
        return !logId.equals(Guid.ZERO);
    }

    /** The next header, with an empty log, in the place of the older one. */
    private VhdxHeader next(Guid newFileId, Guid newDataId) {
        return new VhdxHeader(1 - number, sequence + 1, newFileId, newDataId, Guid.ZERO, 0, logLength, logOffset);
    }

    /** Gives the file other ids and an empty log: one header after the other, so that one is valid all the time. */
    VhdxHeader update(BlockFile file, boolean dataChanges) throws IOException {
        Guid newFileId = Guid.random();
        Guid newDataId = dataChanges ? Guid.random() : dataId;
        VhdxHeader last = this;
        for (int i = 0; i < 2; i++) {
            last = last.next(newFileId, newDataId);
            last.write(file);
            file.flush();
        }
        return last;
    }

    void write(BlockFile file) throws IOException {
        MemorySegment bytes = Bytes.allocate(LENGTH);
        Fields.putSignature(bytes, SIGNATURE);
        ByteBuffer fields = Fields.of(bytes);
        fields.putLong(SEQUENCE_FIELD, sequence);
        fileId.write(bytes, FILE_ID_FIELD);
        dataId.write(bytes, DATA_ID_FIELD);
        logId.write(bytes, LOG_ID_FIELD);
        fields.putShort(LOG_VERSION_FIELD, (short) logVersion).putShort(VERSION_FIELD, (short) VERSION);
        fields.putInt(LOG_LENGTH_FIELD, (int) logLength).putLong(LOG_OFFSET_FIELD, logOffset);
        Fields.putChecksum(bytes);
        file.write(OFFSETS[number], bytes);
    }
}
