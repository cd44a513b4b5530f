package jkvm.host.disk.vmdk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.NamedFiles;

/** Makes the files of a new, empty disk. */
final class VmdkCreator {
    private static final int SECTOR = DiskImage.SECTOR_SIZE;
    private static final long SPLIT_SIZE = 1L << 31;
    private static final long GRAIN = 128, DESCRIPTOR_OFFSET = 1, DESCRIPTOR_SIZE = 20;
    private static final int ENTRIES_PER_TABLE = 512, TABLE_SECTORS = 4 * ENTRIES_PER_TABLE / SECTOR;
    private static final int IDE_HEADS = 16, OTHER_HEADS = 255, SECTORS_PER_TRACK = 63;

    private final VmdkSettings settings;
    private final NamedFiles files;
    private final String name;

    private VmdkCreator(VmdkSettings settings, NamedFiles files, String path) {
        this.settings = settings;
        this.files = files;
        this.name = path.substring(path.lastIndexOf('/') + 1);
    }

    static void create(BlockFile file, VmdkSettings settings, NamedFiles files) throws IOException {
        VmdkCreator creator = new VmdkCreator(settings, files, file.name());
        long parentCid = creator.parentCid();
        if (settings.hasDescriptorFile()) {
            MemorySegment text = creator.descriptor(creator.extents(), parentCid);
            file.write(0, text);
            file.truncate(text.byteSize());
        } else {
            creator.createSparse(file, settings.size());
            MemorySegment text = creator.descriptor(line(settings.size(), "SPARSE", creator.name, ""), parentCid);
            if (text.byteSize() > DESCRIPTOR_SIZE * SECTOR) {
                throw new IOException("the descriptor is too large: shorten the names of the files");
            }
            file.write(DESCRIPTOR_OFFSET * SECTOR, text);
        }
        file.flush();
    }

    private long parentCid() throws IOException {
        if (settings.backing() == null) {
            return VmdkDescriptor.NO_PARENT;
        }
        try (DiskImage parent = files.backing(settings.backing(), Optional.of("vmdk"))) {
            if (parent instanceof VmdkImage image) {
                return image.descriptor().cid();
            }
            throw VmdkSettings.invalid("backing_file must be a vmdk image");
        }
    }

    private static String line(long size, String type, String file, String offset) {
        return "RW " + size / SECTOR + " " + type + " \"" + file + "\"" + offset + "\n";
    }

    /** Makes the files of the extents, and says what they are. */
    private String extents() throws IOException {
        StringBuilder lines = new StringBuilder();
        int number = 1;
        long done = 0;
        do {
            long size = settings.isSplit() ? Math.min(SPLIT_SIZE, settings.size() - done) : settings.size();
            String part = settings.isFlat() ? settings.isSplit() ? "-f%03d".formatted(number) : "-flat"
                    : "-s%03d".formatted(number);
            String extent = extentName(part);
            try (BlockFile file = files.create(extent)) {
                if (settings.isFlat()) {
                    file.truncate(size);
                } else {
                    createSparse(file, size);
                }
                file.flush();
            }
            lines.append(settings.isFlat() ? line(size, "FLAT", extent, " 0") : line(size, "SPARSE", extent, ""));
            done += size;
            number++;
        } while (done < settings.size());
        return lines.toString();
    }

    private String extentName(String part) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? name + part : name.substring(0, dot) + part + name.substring(dot);
    }

    /** Header, and both directories, each with its tables. */
    private void createSparse(BlockFile file, long size) throws IOException {
        long capacity = size / SECTOR;
        long tables = Bytes.divideUp(Bytes.divideUp(capacity, GRAIN), ENTRIES_PER_TABLE);
        long directorySectors = Bytes.divideUp(4 * tables, SECTOR);
        long redundant = DESCRIPTOR_OFFSET + DESCRIPTOR_SIZE;
        long directory = redundant + directorySectors + tables * TABLE_SECTORS;
        long overhead = Bytes.roundUp(directory + directorySectors + tables * TABLE_SECTORS, GRAIN);
        int flags = VmdkHeader.NEWLINE_FLAG | VmdkHeader.REDUNDANT_FLAG
                | (settings.isStream() ? VmdkHeader.COMPRESSED_FLAG | VmdkHeader.MARKERS_FLAG : 0)
                | (settings.zeroGrains() ? VmdkHeader.ZERO_GRAIN_FLAG : 0);
        int version = settings.isStream() ? 3 : settings.zeroGrains() ? 2 : 1;
        VmdkHeader header = new VmdkHeader(version, flags, capacity, GRAIN, DESCRIPTOR_OFFSET, DESCRIPTOR_SIZE,
                ENTRIES_PER_TABLE, redundant, directory, overhead, settings.isStream(), false);
        if (file.hasFixedSize()) {
            file.write(0, Bytes.allocate(overhead * SECTOR));
        } else {
            file.truncate(overhead * SECTOR);
        }
        file.write(0, header.bytes());
        writeDirectory(file, redundant, directorySectors, tables);
        writeDirectory(file, directory, directorySectors, tables);
    }

    private static void writeDirectory(BlockFile file, long at, long sectors, long tables) throws IOException {
        MemorySegment bytes = Bytes.allocate(Math.max(1, sectors * SECTOR));
        for (long i = 0; i < tables; i++) {
            bytes.set(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 4 * i,
                    (int) (at + sectors + i * TABLE_SECTORS));
        }
        file.write(at * SECTOR, bytes.asSlice(0, sectors * SECTOR));
    }

    private MemorySegment descriptor(String extents, long parentCid) {
        int heads = settings.adapter().equals("ide") ? IDE_HEADS : OTHER_HEADS;
        String text = """
                # Disk DescriptorFile
                version=1
                CID=%08x
                parentCID=%08x
                createType="%s"
                %s
                # Extent description
                %s
                # The Disk Data Base
                #DDB

                ddb.virtualHWVersion = "%s"
                ddb.geometry.cylinders = "%d"
                ddb.geometry.heads = "%d"
                ddb.geometry.sectors = "%d"
                ddb.adapterType = "%s"
                ddb.toolsVersion = "%s"
                """.formatted(ThreadLocalRandom.current().nextInt() & 0x7fffffff, parentCid, settings.subformat(),
                settings.backing() == null ? "" : "parentFileNameHint=\"" + settings.backing() + "\"\n",
                extents, settings.hardware(), settings.size() / SECTOR / ((long) heads * SECTORS_PER_TRACK), heads,
                SECTORS_PER_TRACK, settings.adapter(), settings.tools());
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
    }
}
