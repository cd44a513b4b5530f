package jkvm.host.disk.qcow;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.table.BlockDisk;

/** qcow of version 1. */
public final class QcowDriver implements FormatDriver {
    private static final String ENCRYPTION = "encryption", ENCRYPT_FORMAT = "encrypt.format",
            ENCRYPT_SECRET = "encrypt.key-secret";
    private static final List<CreateOption> OPTIONS = List.of(CreateOption.size(CreateOption.SIZE, "Virtual disk size"),
            CreateOption.text(CreateOption.BACKING_FILE, "File name of a base image"),
            CreateOption.text(CreateOption.BACKING_FORMAT, "Format of the backing image"),
            CreateOption.flag(ENCRYPTION,
                    "Encrypt the image with format 'aes'. (Deprecated in favor of encrypt.format=aes)"),
            CreateOption.text(ENCRYPT_FORMAT, "Encrypt the image, format choices: 'aes'"),
            CreateOption.text(ENCRYPT_SECRET, "ID of the secret that provides the AES encryption key"));

    @Override
    public ImageFormat format() {
        return ImageFormat.QCOW;
    }

    @Override
    public int probe(BlockFile file) throws IOException {
        return QcowHeader.isQcow(file) ? SURE : 0;
    }

    @Override
    public boolean hasBacking() {
        return true;
    }

    @Override
    public DiskImage open(BlockFile file, ImageOptions options, NamedFiles files) throws IOException {
        if (options.snapshot().isPresent()) {
            throw new IOException("a qcow image has no snapshots");
        }
        QcowHeader header = QcowHeader.read(file);
        QcowTable table = new QcowTable(file, header, !options.readOnly());
        DiskImage backing = files.backing(header.backingFile(), Optional.empty());
        return new BlockDisk(file, table, backing, ImageFormat.QCOW, header.size(), options.readOnly(),
                options.unmap());
    }

    @Override
    public ImageInfo info(BlockFile file, NamedFiles files) throws IOException {
        QcowHeader header = QcowHeader.read(file);
        return ImageInfo.of(ImageFormat.QCOW, header.size() & -DiskImage.SECTOR_SIZE, file.allocated())
                .withClusterSize(header.clusterSize()).withBacking(header.backingFile(), null);
    }

    @Override
    public List<CreateOption> createOptions() {
        return OPTIONS;
    }

    @Override
    public void checkNew(CreateValues values) throws IOException {
        header(values);
    }

    private static QcowHeader header(CreateValues values) throws IOException {
        if (values.has(ENCRYPT_FORMAT) || values.has(ENCRYPT_SECRET) || values.flag(ENCRYPTION).orElse(false)) {
            throw new ImageException(Kind.INVALID_OPTION, "encryption is not supported");
        }
        long size = Bytes.roundUp(values.size(), DiskImage.SECTOR_SIZE);
        if (size == 0) {
            throw new ImageException(Kind.INVALID_OPTION, "Image size is too small, cannot be zero length");
        }
        return QcowHeader.create(size,
                values.text(CreateOption.BACKING_FILE).filter(name -> !name.isEmpty()).orElse(null));
    }

    @Override
    public void create(BlockFile file, CreateValues values, NamedFiles files) throws IOException {
        file.write(0, header(values).bytes());
        file.flush();
    }
}
