package jkvm.device.ide;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import jkvm.device.disk.DiskGeometry;
import jkvm.device.scsi.CdRom;
import jkvm.device.scsi.ScsiIdentity;
import jkvm.host.disk.DiskStatistics;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.MemoryDisk;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.MediumSlot;

/** A hard disk and a CD-ROM drive with a disc, filled with random bytes that are always the same. */
final class AtaDrives {
    static final int SECTORS = 4096;
    static final int CD_BLOCKS = 200;

    final MemoryDisk disk = new MemoryDisk(SECTORS);
    final MemoryDisk disc = new MemoryDisk(CD_BLOCKS * 4);
    final MediumSlot slot = new MediumSlot("ide1-cd0", Optional.of("ide1-cd0"), true);
    final AtaDisk hardDisk;
    final AtapiCdRom cd;

    AtaDrives() {
        Random random = new Random(1);
        random.nextBytes(disk.content);
        disk.content[510] = 0;
        random.nextBytes(disc.content);
        disc.readOnly = true;
        slot.insert(DriveSpec.ofPath("ide1-cd0", Path.of("cd.iso"), ImageOptions.READ_ONLY), disc);
        hardDisk = new AtaDisk("ide0-hd0", disk, new AtaIdentity("QM00001", "QEMU HARDDISK", "2.5+", 0, 512),
                DiskGeometry.GUESSED, true, new DiskStatistics());
        cd = new AtapiCdRom("ide1-cd0", new CdRom(slot, new ScsiIdentity("QEMU", "QEMU DVD-ROM", "2.5+", "QM00003")),
                new AtaIdentity("QM00003", "QEMU DVD-ROM", "2.5+", 0, 0));
    }
}
