package jkvm.host.disk.vmdk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.NamedFiles;
import jkvm.json.Json;

/** Describes an image and its extents as QEMU does. */
final class VmdkInfo {
    private final List<Json> extents = new ArrayList<>();
    private long sectors;
    private long allocated;
    private int clusterSize;

    private VmdkInfo() {
    }

    static ImageInfo of(BlockFile file, NamedFiles files) throws IOException {
        VmdkInfo info = new VmdkInfo();
        info.allocated = file.allocated();
        VmdkDescriptor descriptor;
        if (VmdkHeader.isSparse(file)) {
            VmdkHeader header = VmdkHeader.read(file);
            descriptor = VmdkDriver.embedded(file, header);
            info.addSparse(file.name(), header, "");
        } else {
            descriptor = VmdkDriver.separate(file);
            for (VmdkDescriptor.Extent each : VmdkDriver.usedExtents(descriptor)) {
                info.add(each, files);
            }
        }
        String parent = descriptor.parent().orElse(null);
        Json.Members specific = Json.Members.empty().with("cid", descriptor.cid())
                .with("parent-cid", descriptor.parentCid()).with("create-type", descriptor.createType().orElse(""))
                .with("extents", new Json.Items(info.extents));
        return ImageInfo.of(ImageFormat.VMDK, info.sectors * DiskImage.SECTOR_SIZE, info.allocated)
                .withClusterSize(info.clusterSize).withBacking(parent, parent == null ? null : "vmdk")
                .withSpecific(specific);
    }

    private void add(VmdkDescriptor.Extent extent, NamedFiles files) throws IOException {
        try (BlockFile file = files.file(extent.file(), false)) {
            long more = file.allocated();
            allocated = Math.min(allocated, more) == BlockFile.UNKNOWN ? BlockFile.UNKNOWN : allocated + more;
            if (extent.type().equals("SPARSE")) {
                addSparse(file.name(), VmdkHeader.read(file), "SPARSE");
            } else {
                sectors += extent.sectors();
                extents.add(Json.Members.empty().with("virtual-size", extent.sectors() * DiskImage.SECTOR_SIZE)
                        .with("filename", file.name()).with("format", extent.type()));
            }
        }
    }

    private void addSparse(String name, VmdkHeader header, String type) {
        sectors += header.capacity();
        if (clusterSize == 0) {
            clusterSize = header.grainSize();
        }
        Json.Members members = header.compressed() ? Json.Members.empty().with("compressed", true)
                : Json.Members.empty();
        extents.add(members.with("virtual-size", header.capacity() * DiskImage.SECTOR_SIZE).with("filename", name)
                .with("cluster-size", (long) header.grainSize()).with("format", type));
    }
}
