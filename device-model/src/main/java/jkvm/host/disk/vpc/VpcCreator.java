package jkvm.host.disk.vpc;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageException;

/** Writes the headers of a new, empty disk, whose size is rounded up to a geometry unless that is refused. */
final class VpcCreator {
    private static final String SUBFORMAT = "subformat", FORCE_SIZE = "force_size";
    static final List<CreateOption> OPTIONS = List.of(CreateOption.size(CreateOption.SIZE, "Virtual disk size"),
            CreateOption.text(SUBFORMAT,
                    "Type of virtual hard disk format. Supported formats are {dynamic (default) | fixed} "),
            CreateOption.flag(FORCE_SIZE, "Force disk size calculation to use the actual size specified, rather than"
                    + " using the nearest CHS-based calculation"));

    private VpcCreator() {
    }

    /** @throws IOException if the values are impossible */
    static VpcFooter footer(CreateValues values) throws IOException {
        String subformat = values.text(SUBFORMAT).orElse("dynamic");
        if (!subformat.equals("dynamic") && !subformat.equals("fixed")) {
            throw new ImageException(DiskException.Kind.INVALID_OPTION,
                    "Parameter 'subformat' does not accept value '" + subformat + "'");
        }
        boolean bySize = values.flag(FORCE_SIZE).orElse(false);
        long wanted = Bytes.divideUp(values.size(), DiskImage.SECTOR_SIZE);
        VpcGeometry geometry = bySize ? VpcGeometry.LARGEST : VpcGeometry.atLeast(wanted);
        long sectors = geometry.equals(VpcGeometry.LARGEST) ? wanted : geometry.total();
        if (sectors > VpcFooter.MAX_SECTORS) {
            throw new ImageException(DiskException.Kind.INVALID_OPTION,
                    "The image size is too large for file format 'vpc'");
        }
        return VpcFooter.create(sectors, geometry, bySize, subformat.equals("dynamic"));
    }

    static void create(BlockFile file, VpcFooter footer) throws IOException {
        if (footer.dynamic()) {
            createDynamic(file, footer);
        } else {
            file.truncate(footer.size() + VpcFooter.LENGTH);
            file.write(footer.size(), footer.bytes());
        }
        file.flush();
    }

    private static void createDynamic(BlockFile file, VpcFooter footer) throws IOException {
        VpcDynamicHeader header = new VpcDynamicHeader(footer.dataOffset(),
                footer.dataOffset() + VpcDynamicHeader.LENGTH, VpcDynamicHeader.DEFAULT_BLOCK_SIZE,
                Bytes.divideUp(footer.size(), VpcDynamicHeader.DEFAULT_BLOCK_SIZE));
        long size = header.tableEnd() - header.tableOffset();
        MemorySegment table = Bytes.allocate(Math.max(1, size)).fill((byte) 0xff);
        file.write(header.tableEnd(), footer.bytes());
        file.write(header.tableOffset(), table.asSlice(0, size));
        file.write(header.offset(), header.bytes());
        file.write(0, footer.bytes());
    }
}
