package jkvm.host.disk.vhdx;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageException;

/**
 * Makes new, empty disks.
 *
 * @param size      of the disk, in bytes
 * @param zeroState whether blocks are said to be zeros rather than absent
 */
record VhdxCreator(long size, long logSize, int blockSize, boolean fixed, boolean zeroState) {
    private static final String LOG_SIZE = "log_size", BLOCK_SIZE = "block_size", SUBFORMAT = "subformat",
            BLOCK_STATE_ZERO = "block_state_zero";
    private static final int MIB = VhdxHeader.MIB;
    private static final long GIB = 1L << 30, MAX_LOG = 0xfff00000L;
    static final List<CreateOption> OPTIONS = List.of(
            CreateOption.size(CreateOption.SIZE, "Virtual disk size; max of 64TB."),
            CreateOption.size(LOG_SIZE, "Log size; min 1MB.").withPreset(Integer.toString(MIB)),
            CreateOption.size(BLOCK_SIZE, "Block Size; min 1MB, max 256MB. 0 means auto-calculate based on image size.")
                    .withPreset("0"),
            CreateOption.text(SUBFORMAT, "VHDX format type, can be either 'dynamic' or 'fixed'. Default is 'dynamic'."),
            CreateOption.flag(BLOCK_STATE_ZERO, "Force use of payload blocks of type 'ZERO'. Non-standard, but default."
                    + "  Do not set to 'off' when using 'qemu-img convert' with subformat=dynamic."));
    private static final int DATA_GAP = 4 * MIB;

    /** @throws IOException if a value is wrong */
    static VhdxCreator of(CreateValues values) throws IOException {
        long size = Bytes.roundUp(values.size(), DiskImage.SECTOR_SIZE);
        if (size < 0 || size > VhdxLayout.MAX_SIZE) {
            throw invalid("Image size too large; max of 64TB");
        }
        String subformat = values.text(SUBFORMAT).orElse("dynamic");
        if (!subformat.equals("dynamic") && !subformat.equals("fixed")) {
            throw invalid("Parameter 'subformat' does not accept value '" + subformat + "'");
        }
        long wanted = values.bytes(BLOCK_SIZE).orElse(0);
        long blockSize = wanted == 0 ? blockSizeFor(size)
                : Math.min(VhdxLayout.MAX_BLOCK, Bytes.roundUp(Math.max(0, wanted), MIB));
        if (Long.bitCount(blockSize) != 1) {
            throw invalid("Block size must be a power of two");
        }
        long logSize = Bytes.roundUp(Math.max(MIB, values.bytes(LOG_SIZE).orElse(MIB)), MIB);
        if (logSize > MAX_LOG) {
            throw invalid("Log size must be smaller than 4 GB");
        }
        return new VhdxCreator(size, logSize, (int) blockSize, subformat.equals("fixed"),
                values.flag(BLOCK_STATE_ZERO).orElse(true));
    }

    private static int blockSizeFor(long size) {
        return size > 32L << 40 ? 64 * MIB : size > 100 * GIB ? 32 * MIB : size > GIB ? 16 * MIB : 8 * MIB;
    }

    private static ImageException invalid(String reason) {
        return new ImageException(DiskException.Kind.INVALID_OPTION, reason);
    }

    void create(BlockFile file) throws IOException {
        VhdxLayout sizes = new VhdxLayout(0, 0, blockSize, size, DiskImage.SECTOR_SIZE, List.of());
        long entries = VhdxLayout.entryCount(sizes.blocks(), sizes.blocksPerBitmap());
        long tableOffset = MIB + logSize;
        long tableLength = Bytes.roundUp(Math.max(1, 8 * entries), MIB);
        long metadata = tableOffset + tableLength;
        long data = metadata + MIB + DATA_GAP;
        long end = data + (fixed ? sizes.blocks() * blockSize : 0);
        if (file.hasFixedSize()) {
            file.zero(0, data, true);
        }
        file.truncate(end);
        writeTable(file, tableOffset, entries, sizes.blocksPerBitmap(), data);
        new VhdxLayout(tableOffset, tableLength, blockSize, size, DiskImage.SECTOR_SIZE, List.of())
                .write(file, metadata);
        VhdxHeader header = new VhdxHeader(0, ThreadLocalRandom.current().nextInt() & 0x7fffffffL, Guid.random(),
                Guid.random(), Guid.ZERO, 0, logSize, MIB);
        header.write(file);
        header.update(file, true);
        MemorySegment start = Bytes.allocate(DiskImage.SECTOR_SIZE);
        Fields.putSignature(start, VhdxHeader.FILE_SIGNATURE);
        MemorySegment.copy(MemorySegment.ofArray("jkvm".getBytes(StandardCharsets.UTF_16LE)), 0, start, 8, 8);
        file.write(0, start);
        file.flush();
    }

    private void writeTable(BlockFile file, long offset, long count, long perBitmap, long data) throws IOException {
        int state = fixed ? VhdxTable.PRESENT : zeroState ? VhdxTable.ZERO_STATE : 0;
        int perPart = MIB / 8;
        for (long first = 0; state != 0 && first < count; first += perPart) {
            int part = (int) Math.min(perPart, count - first);
            MemorySegment bytes = Bytes.allocate(8L * part);
            for (int i = 0; i < part; i++) {
                long index = first + i;
                if (index % (perBitmap + 1) != perBitmap) {
                    long block = index - index / (perBitmap + 1);
                    bytes.set(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 8L * i,
                            state | (fixed ? data + block * blockSize : 0));
                }
            }
            file.write(offset + 8 * first, bytes);
        }
    }
}
