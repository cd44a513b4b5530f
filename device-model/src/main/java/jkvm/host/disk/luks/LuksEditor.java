package jkvm.host.disk.luks;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.DoubleConsumer;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageEditor;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.Preallocation;

/** Changes a LUKS image's passphrases and its size. */
record LuksEditor(BlockFile file, NamedFiles files) implements ImageEditor {
    @Override
    public void resize(long size, Preallocation preallocation) throws IOException {
        if (preallocation == Preallocation.METADATA) {
            throw new ImageException(DiskException.Kind.INVALID_OPTION, "Unsupported preallocation mode 'metadata'");
        }
        LuksHeader header = LuksHeader.read(file);
        Arrays.fill(MasterKey.unlock(file, header, files.secret(secret())), (byte) 0);
        long before = header.capacity(file);
        long after = Math.ceilDiv(size, DiskImage.SECTOR_SIZE) * DiskImage.SECTOR_SIZE;
        file.truncate(Math.addExact(header.payloadOffset(), after));
        if (after > before) {
            preallocation.fill(file, header.payloadOffset() + before, after - before);
        }
    }

    @Override
    public void amend(CreateValues values, boolean force, DoubleConsumer percent) throws IOException {
        new KeySlots(file, values, force, files).change(secret());
    }

    private String secret() throws IOException {
        return LuksCreator.secretId(files.setting(LuksCreator.KEY_SECRET).orElse(null));
    }
}
