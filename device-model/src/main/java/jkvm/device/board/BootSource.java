package jkvm.device.board;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.IntFunction;
import jkvm.bios.BootDisk;
import jkvm.bios.disk.Attachment;
import jkvm.bios.disk.BootDrive;
import jkvm.bios.disk.DriveGeometry;
import jkvm.bios.disk.FloppyFormat;
import jkvm.host.disk.DiskImage;
import jkvm.host.image.MediumSlot;

/**
 * A drive that the built-in BIOS may boot from, as its device describes it to {@link Board#bootable}. The BIOS reads
 * and writes the content beside the device, whose registers it does not touch.
 *
 * @param content    what is read and written
 * @param sectorSize 512, or 2048 for a CD
 * @param drive      makes the BIOS's drive of the BIOS's disk
 * @param bootIndex  the user's number for it: lower ones boot first
 */
public record BootSource(Content content, int sectorSize, Maker drive, Optional<Integer> bootIndex) {
    private static final int CD_SECTOR_SIZE = 2048;

    /** Makes a drive. */
    @FunctionalInterface
    public interface Maker {
        /**
         * Called once, when the machine is complete.
         *
         * @param disk       the content as the BIOS sees it
         * @param pciAddress of the device: slot times 8, plus the function; 0 where it is not on the PCI bus
         * @param priority   for {@link BootDrive}
         */
        BootDrive make(BootDisk disk, int pciAddress, int priority);
    }

    /** The content of a drive. Any thread may call. */
    public interface Content {
        /** In bytes; 0 without a medium. */
        long capacity();

        /** True if the guest cannot write. */
        boolean isReadOnly();

        /** True if there is a medium to read. */
        boolean isReady();

        /** True if the medium comes and goes. */
        boolean isRemovable();

        /** Another number after each change of the medium. */
        int changes();

        /** Reads; the range may be past the end of a medium that is shorter by now. */
        void read(long offset, MemorySegment into) throws IOException;

        /** Writes, if that is allowed. */
        void write(long offset, MemorySegment from) throws IOException;
    }

    /**
     * A hard disk.
     *
     * @param physical   its geometry as it tells it
     * @param attachment how it is connected, by its device's PCI address
     */
    public static BootSource hardDisk(DiskImage image, DriveGeometry physical, IntFunction<Attachment> attachment,
            IntFunction<String> description, Optional<Integer> bootIndex) {
        return new BootSource(new ImageContent(image), DiskImage.SECTOR_SIZE, (disk, address, priority) ->
                BootDrive.hardDisk(disk, physical, attachment.apply(address), description.apply(address), priority),
                bootIndex);
    }

    /** The same with a translation that somebody has chosen. */
    public static BootSource hardDisk(DiskImage image, DriveGeometry physical, DriveGeometry.Translation translation,
            IntFunction<Attachment> attachment, IntFunction<String> description, Optional<Integer> bootIndex) {
        return new BootSource(new ImageContent(image), DiskImage.SECTOR_SIZE, (disk, address, priority) ->
                BootDrive.hardDisk(disk, physical, translation, attachment.apply(address), description.apply(address),
                        priority), bootIndex);
    }

    /** The drive of a CD. */
    public static BootSource cd(MediumSlot slot, IntFunction<Attachment> attachment, IntFunction<String> description,
            Optional<Integer> bootIndex) {
        return new BootSource(new SlotContent(slot), CD_SECTOR_SIZE, (disk, address, priority) ->
                BootDrive.cd(disk, attachment.apply(address), description.apply(address), priority), bootIndex);
    }

    /** A drive of floppy disks. */
    public static BootSource floppy(MediumSlot slot, FloppyFormat format, String description,
            Optional<Integer> bootIndex) {
        return new BootSource(new SlotContent(slot), DiskImage.SECTOR_SIZE, (disk, _, priority) ->
                BootDrive.floppy(disk, format, description, priority), bootIndex);
    }

    /** The same source with a logical geometry that the user has chosen. */
    public BootSource withLogical(DriveGeometry logical) {
        return new BootSource(content, sectorSize, (disk, address, priority) ->
                drive.make(disk, address, priority).withLogical(logical), bootIndex);
    }

    private record ImageContent(DiskImage image) implements Content {
        @Override
        public long capacity() {
            return image.capacity();
        }

        @Override
        public boolean isReadOnly() {
            return image.isReadOnly();
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public boolean isRemovable() {
            return false;
        }

        @Override
        public int changes() {
            return 0;
        }

        @Override
        public void read(long offset, MemorySegment into) throws IOException {
            image.read(offset, into);
        }

        @Override
        public void write(long offset, MemorySegment from) throws IOException {
            image.write(offset, from);
        }
    }

    private record SlotContent(MediumSlot slot) implements Content {
        @Override
        public long capacity() {
            return slot.capacity();
        }

        @Override
        public boolean isReadOnly() {
            return slot.isReadOnly();
        }

        @Override
        public boolean isReady() {
            return slot.isReady();
        }

        @Override
        public boolean isRemovable() {
            return true;
        }

        @Override
        public int changes() {
            return slot.changes();
        }

        @Override
        public void read(long offset, MemorySegment into) throws IOException {
            slot.read(offset, into, 0, into.byteSize());
        }

        @Override
        public void write(long offset, MemorySegment from) throws IOException {
            slot.write(offset, from, 0, from.byteSize());
        }
    }
}
