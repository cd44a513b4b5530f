package jkvm.host.disk.vdi;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageException;

/** Writes the header and the map of a new, empty disk. */
final class VdiCreator {
    private static final String STATIC = "static";
    static final List<CreateOption> OPTIONS = List.of(CreateOption.size(CreateOption.SIZE, "Virtual disk size"),
            CreateOption.flag(STATIC, "VDI static (pre-allocated) image").withPreset("off"));
    private static final String TEXT = "<<< jkvm VM Virtual Disk Image >>>\n";
    private static final int HEADER_SIZE = 0x180, TYPE_DYNAMIC = 1, TYPE_STATIC = 2, MAP_OFFSET = 512;

    private VdiCreator() {
    }

    /** @throws IOException if the values are impossible */
    static VdiHeader header(CreateValues values) throws IOException {
        if (values.size() > VdiHeader.MAX_BLOCKS * VdiHeader.BLOCK_SIZE) {
            throw new ImageException(DiskException.Kind.INVALID_OPTION, "Unsupported VDI image size (size is "
                    + values.size() + ", max supported is " + VdiHeader.MAX_BLOCKS * VdiHeader.BLOCK_SIZE + ")");
        }
        long size = Bytes.roundUp(values.size(), DiskImage.SECTOR_SIZE);
        long blocks = Bytes.divideUp(size, VdiHeader.BLOCK_SIZE);
        long dataOffset = MAP_OFFSET + Bytes.roundUp(4 * blocks, DiskImage.SECTOR_SIZE);
        boolean preallocated = values.flag(STATIC).orElse(false);
        return new VdiHeader(MAP_OFFSET, dataOffset, size, blocks, preallocated ? blocks : 0);
    }

    static void create(BlockFile file, CreateValues values) throws IOException {
        VdiHeader header = header(values);
        boolean preallocated = values.flag(STATIC).orElse(false);
        if (preallocated) {
            file.truncate(header.dataOffset() + header.blocks() * VdiHeader.BLOCK_SIZE);
        }
        MemorySegment map = Bytes.allocate(Math.max(1, header.dataOffset() - MAP_OFFSET));
        for (long i = 0; i < header.blocks(); i++) {
            map.set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 4 * i,
                    (int) (preallocated ? i : VdiTable.UNALLOCATED));
        }
        file.write(MAP_OFFSET, map.asSlice(0, header.dataOffset() - MAP_OFFSET));
        file.write(0, bytes(header, preallocated ? TYPE_STATIC : TYPE_DYNAMIC));
        file.flush();
    }

    private static MemorySegment bytes(VdiHeader header, int type) {
        MemorySegment bytes = Bytes.allocate(VdiHeader.LENGTH);
        ByteBuffer fields = bytes.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        fields.put(0, TEXT.getBytes(StandardCharsets.US_ASCII));
        fields.putInt(VdiHeader.SIGNATURE_FIELD, VdiHeader.SIGNATURE);
        fields.putInt(VdiHeader.VERSION_FIELD, VdiHeader.VERSION_1_1);
        fields.putInt(VdiHeader.HEADER_SIZE_FIELD, HEADER_SIZE);
        fields.putInt(VdiHeader.TYPE_FIELD, type);
        fields.putInt(VdiHeader.MAP_OFFSET_FIELD, (int) header.mapOffset());
        fields.putInt(VdiHeader.DATA_OFFSET_FIELD, (int) header.dataOffset());
        fields.putInt(VdiHeader.SECTOR_SIZE_FIELD, DiskImage.SECTOR_SIZE);
        fields.putLong(VdiHeader.SIZE_FIELD, header.size());
        fields.putInt(VdiHeader.BLOCK_SIZE_FIELD, VdiHeader.BLOCK_SIZE);
        fields.putInt(VdiHeader.BLOCKS_FIELD, (int) header.blocks());
        fields.putInt(VdiHeader.ALLOCATED_FIELD, (int) header.allocatedBlocks());
        putId(fields, VdiHeader.ID_FIELD);
        putId(fields, VdiHeader.SNAPSHOT_ID_FIELD);
        return bytes;
    }

    private static void putId(ByteBuffer fields, int at) {
        UUID id = UUID.randomUUID();
        fields.putLong(at, id.getMostSignificantBits()).putLong(at + 8, id.getLeastSignificantBits());
    }
}
