package jkvm.host.disk.luks;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageEditor;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.MeasuredSize;
import jkvm.host.disk.NamedFiles;

/** LUKS version 1. */
public final class LuksDriver implements FormatDriver {
    @Override
    public ImageFormat format() {
        return ImageFormat.LUKS;
    }

    @Override
    public int probe(BlockFile file) throws IOException {
        return LuksHeader.isLuks(file) ? SURE : 0;
    }

    @Override
    public Set<String> openProperties() {
        return Set.of(LuksCreator.KEY_SECRET);
    }

    @Override
    public DiskImage open(BlockFile file, ImageOptions options, NamedFiles files) throws IOException {
        if (options.snapshot().isPresent()) {
            throw new IOException("a luks image has no snapshots");
        }
        byte[] passphrase = files.secret(LuksCreator.secretId(options.properties().get(LuksCreator.KEY_SECRET)));
        LuksHeader header = LuksHeader.read(file);
        byte[] key = MasterKey.unlock(file, header, passphrase);
        try {
            return new LuksImage(file, header, key, options.readOnly());
        } catch (IOException e) {
            Arrays.fill(key, (byte) 0);
            throw e;
        }
    }

    /** Needs no passphrase. */
    @Override
    public ImageInfo info(BlockFile file, NamedFiles files) throws IOException {
        LuksHeader header = LuksHeader.read(file);
        return ImageInfo.of(ImageFormat.LUKS, header.capacity(file), file.allocated()).withEncrypted(true)
                .withSpecific(LuksVolume.describe(header));
    }

    @Override
    public List<CreateOption> amendOptions() {
        return KeySlots.OPTIONS;
    }

    @Override
    public ImageEditor editor(BlockFile file, NamedFiles files) {
        return new LuksEditor(file, files);
    }

    @Override
    public List<CreateOption> createOptions() {
        return LuksCreator.OPTIONS;
    }

    @Override
    public void checkNew(CreateValues values) throws IOException {
        LuksCreator.check(values);
    }

    @Override
    public void create(BlockFile file, CreateValues values, NamedFiles files) throws IOException {
        LuksCreator.create(file, values, files);
    }

    @Override
    public Optional<MeasuredSize> measure(CreateValues values, Optional<DiskImage> source) throws IOException {
        LuksCreator.check(values);
        long size = LuksCreator.payloadOffset(values) + Bytes.roundUp(values.size(), DiskImage.SECTOR_SIZE);
        return Optional.of(new MeasuredSize(size, size, OptionalLong.empty()));
    }
}
