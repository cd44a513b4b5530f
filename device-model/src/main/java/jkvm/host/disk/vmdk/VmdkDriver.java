package jkvm.host.disk.vmdk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.Repair;
import jkvm.host.disk.raw.RawImage;
import jkvm.host.disk.table.BlockDisk;

/** VMware's format. */
public final class VmdkDriver implements FormatDriver {
    private static final int MAX_EXTENTS = 4096;
    private static final long MAX_SECTORS = Long.MAX_VALUE / DiskImage.SECTOR_SIZE / MAX_EXTENTS;
    private static final List<String> TYPES = List.of(VmdkSettings.MONOLITHIC_FLAT, VmdkSettings.SPLIT_FLAT,
            VmdkSettings.SPLIT_SPARSE, VmdkSettings.MONOLITHIC_SPARSE, "vmfs", "custom");

    @Override
    public ImageFormat format() {
        return ImageFormat.VMDK;
    }

    @Override
    public int probe(BlockFile file) throws IOException {
        return VmdkHeader.isSparse(file) || VmdkHeader.isEsxSparse(file) || VmdkDescriptor.isDescriptor(file) ? SURE
                : 0;
    }

    @Override
    public boolean hasBacking() {
        return true;
    }

    @Override
    public DiskImage open(BlockFile file, ImageOptions options, NamedFiles files) throws IOException {
        if (options.snapshot().isPresent()) {
            throw new IOException("a vmdk image has no snapshots");
        }
        if (VmdkHeader.isSparse(file)) {
            VmdkHeader header = VmdkHeader.read(file);
            VmdkDescriptor descriptor = embedded(file, header);
            DiskImage parent = openParent(descriptor, files);
            try {
                DiskImage extent = openSparse(file, header, parent, options);
                return new VmdkImage(file, descriptor, List.of(extent), options.readOnly());
            } catch (IOException | RuntimeException e) {
                closeAll(parent == null ? List.of() : List.of(parent), e);
                throw e;
            }
        }
        VmdkDescriptor descriptor = separate(file);
        return new VmdkImage(file, descriptor, openExtents(descriptor, options, files), options.readOnly());
    }

    static VmdkDescriptor embedded(BlockFile file, VmdkHeader header) throws IOException {
        if (header.descriptorOffset() == 0) {
            throw new IOException("it is an extent of an image: name the file that describes the disk");
        }
        VmdkDescriptor descriptor = VmdkDescriptor.read(file, header.descriptorOffset() * DiskImage.SECTOR_SIZE,
                header.descriptorSize() * DiskImage.SECTOR_SIZE);
        descriptor.cid();
        return descriptor;
    }

    static VmdkDescriptor separate(BlockFile file) throws IOException {
        if (VmdkHeader.isEsxSparse(file)) {
            throw new IOException("sparse extents of ESX server are not supported");
        }
        if (!VmdkDescriptor.isDescriptor(file)) {
            throw new IOException("not a vmdk image");
        }
        VmdkDescriptor descriptor = VmdkDescriptor.read(file, 0, file.size());
        String type = descriptor.createType().orElseThrow(() -> new IOException("invalid VMDK image descriptor"));
        if (!TYPES.contains(type)) {
            throw new IOException("Unsupported image type '" + type + "'");
        }
        descriptor.cid();
        return descriptor;
    }

    private static DiskImage openParent(VmdkDescriptor descriptor, NamedFiles files) throws IOException {
        String name = descriptor.parent().orElse(null);
        DiskImage parent = files.backing(name, Optional.of(ImageFormat.VMDK.text()));
        if (parent == null) {
            return null;
        }
        if (parent instanceof VmdkImage image && image.descriptor().cid() == descriptor.parentCid()) {
            return parent;
        }
        try (parent) {
            throw new IOException("its backing file " + (name == null ? "" : name + " ")
                    + "has been changed since, or is another: its content id is not "
                    + Long.toHexString(descriptor.parentCid()));
        }
    }

    private static DiskImage openSparse(BlockFile file, VmdkHeader header, DiskImage parent, ImageOptions options)
            throws IOException {
        return new BlockDisk(file, new VmdkTable(file, header, !options.readOnly()), parent, ImageFormat.VMDK,
                header.capacity() * DiskImage.SECTOR_SIZE, options.readOnly(), options.unmap());
    }

    /** The extents that count: those that may be written and have a size and a name, as for QEMU. */
    static List<VmdkDescriptor.Extent> usedExtents(VmdkDescriptor descriptor) throws IOException {
        List<VmdkDescriptor.Extent> used = descriptor.extents().stream()
                .filter(each -> each.access().equals("RW") && each.sectors() > 0 && each.file() != null
                        && !each.file().isEmpty()).toList();
        if (used.isEmpty()) {
            throw new IOException("the descriptor names no extents");
        }
        if (used.size() > MAX_EXTENTS || used.stream().anyMatch(each -> each.sectors() > MAX_SECTORS)) {
            throw new IOException("the extents are too many or too large");
        }
        return used;
    }

    private static List<DiskImage> openExtents(VmdkDescriptor descriptor, ImageOptions options, NamedFiles files)
            throws IOException {
        if (descriptor.parent().isPresent()) {
            throw new IOException("a split image with a backing file is not supported");
        }
        List<DiskImage> opened = new ArrayList<>();
        try {
            for (VmdkDescriptor.Extent each : usedExtents(descriptor)) {
                BlockFile file = files.file(each.file(), !options.readOnly());
                try {
                    opened.add(openExtent(file, each, options));
                } catch (IOException | RuntimeException e) {
                    file.close();
                    throw e;
                }
            }
        } catch (IOException | RuntimeException e) {
            closeAll(opened, e);
            throw e;
        }
        return opened;
    }

    private static DiskImage openExtent(BlockFile file, VmdkDescriptor.Extent extent, ImageOptions options)
            throws IOException {
        switch (extent.type()) {
            case "FLAT", "VMFS" -> {
                long start = Math.max(0, extent.offset()) * DiskImage.SECTOR_SIZE;
                long size = extent.sectors() * DiskImage.SECTOR_SIZE;
                if (!options.readOnly() && (start < 0 || file.size() - size < start)) {
                    throw new IOException("the extent " + extent.file() + " has " + file.size() + " bytes only, not "
                            + (start + size) + ": it has been truncated");
                }
                return RawImage.part(file, ImageFormat.VMDK, start, size, options.readOnly(), options.unmap());
            }
            case "SPARSE" -> {
                if (!VmdkHeader.isSparse(file)) {
                    throw new IOException("the extent " + extent.file() + " is no sparse extent");
                }
                return openSparse(file, VmdkHeader.read(file), null, options);
            }
            default -> throw new IOException("extents of the type " + extent.type() + " are not supported");
        }
    }

    private static void closeAll(List<DiskImage> images, Throwable reason) {
        for (DiskImage each : images) {
            try {
                each.close();
            } catch (IOException e) {
                reason.addSuppressed(e);
            }
        }
    }

    @Override
    public ImageInfo info(BlockFile file, NamedFiles files) throws IOException {
        return VmdkInfo.of(file, files);
    }

    @Override
    public List<CreateOption> createOptions() {
        return VmdkSettings.OPTIONS;
    }

    @Override
    public void checkNew(CreateValues values) throws IOException {
        VmdkSettings.of(values);
    }

    @Override
    public void create(BlockFile file, CreateValues values, NamedFiles files) throws IOException {
        VmdkCreator.create(file, VmdkSettings.of(values), files);
    }

    @Override
    public Optional<CheckResult> check(BlockFile file, Repair repair, NamedFiles files, Consumer<String> lines)
            throws IOException {
        if (repair != Repair.NOTHING) {
            return Optional.empty();
        }
        if (VmdkHeader.isSparse(file)) {
            checkSparse(file);
        } else {
            for (VmdkDescriptor.Extent each : usedExtents(separate(file))) {
                try (BlockFile extent = files.file(each.file(), false)) {
                    if (VmdkHeader.isSparse(extent)) {
                        checkSparse(extent);
                    }
                }
            }
        }
        return Optional.of(new CheckResult(0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    }

    /** QEMU's check ends at the first error, and so does this one. */
    private static void checkSparse(BlockFile file) throws IOException {
        VmdkHeader header = VmdkHeader.read(file);
        long block = new VmdkTable(file, header, false).firstPastEnd();
        if (block >= 0) {
            throw new IOException("cluster offset for sector " + block * header.grain() + " points after EOF");
        }
    }
}
