package jkvm.bios.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a CD says about booting from it: the boot record volume descriptor of ISO 9660 at block 17, and the catalogue
 * that it points to (El Torito 1.0 section 2). Blocks have 2048 bytes. The first entry counts, as under SeaBIOS, whose
 * numbers the errors have.
 */
final class BootCatalog {
    /** The bytes of a block. */
    static final int BLOCK_SIZE = 2048;
    /** Where the boot record is. */
    static final int RECORD_BLOCK = 17;

    private static final byte[] IDENTIFIER = "CD001\001EL TORITO SPECIFICATION\0".getBytes(StandardCharsets.US_ASCII);
    private static final int IDENTIFIER_OFFSET = 1;
    private static final int CATALOG_OFFSET = 0x47;
    private static final int VALIDATION = 0x01;
    private static final int PLATFORM_OFFSET = 0x01;
    private static final int KEY_OFFSET = 0x1E;
    private static final int KEY = 0xAA55;
    private static final int ENTRY_OFFSET = 0x20;
    private static final int BOOTABLE = 0x88;
    private static final int MEDIA_OFFSET = 0x21;
    private static final int MEDIA_MASK = 0x0F;
    private static final int SEGMENT_OFFSET = 0x22;
    private static final int COUNT_OFFSET = 0x26;
    private static final int BLOCK_OFFSET = 0x28;
    private static final int DEFAULT_SEGMENT = 0x07C0;

    private BootCatalog() {
    }

    /** Why a CD does not boot. */
    enum Problem {
        /** The drive is gone. */
        NO_DRIVE(1),
        /** The descriptor cannot be read. */
        NO_RECORD(3),
        /** The descriptor is of another kind. */
        OTHER_RECORD(4),
        /** The descriptor is another system's. */
        OTHER_SYSTEM(5),
        /** The catalogue cannot be read. */
        NO_CATALOG(7),
        /** The catalogue does not begin with a validation entry. */
        NO_VALIDATION(8),
        /** The catalogue is not for PCs. */
        OTHER_PLATFORM(9),
        /** The validation entry is damaged. */
        WRONG_KEY(10),
        /** The first entry is not bootable. */
        NOT_BOOTABLE(11),
        /** The image cannot be read, or is too large. */
        NO_IMAGE(12),
        /** The disk that it is to look like is of no known kind. */
        OTHER_MEDIA(13);

        private final int code;

        Problem(int code) {
            this.code = code;
        }

        /** As SeaBIOS numbers it. */
        int code() {
            return code;
        }
    }

    /** The disk that a boot image looks like to INT 13h. */
    enum Media {
        NONE, FLOPPY_1_2, FLOPPY_1_44, FLOPPY_2_88, HARD_DISK;

        boolean isFloppy() {
            return this != NONE && this != HARD_DISK;
        }

        /** The format of a floppy. */
        FloppyFormat format() {
            return switch (this) {
                case FLOPPY_1_2 -> FloppyFormat.MB_1_2;
                case FLOPPY_1_44 -> FloppyFormat.MB_1_44;
                case FLOPPY_2_88 -> FloppyFormat.MB_2_88;
                default -> throw new IllegalStateException(this + " has no format");
            };
        }
    }

    /** A result: an entry, or the reason why there is none. */
    sealed interface Result {
    }

    /** @param problem why there is none */
    record Refused(Problem problem) implements Result {
    }

    /**
     * A boot image.
     *
     * @param segment where its first sectors go
     * @param sectors how many, of 512 bytes
     * @param block   where it begins on the CD
     */
    record Entry(Media media, int segment, int sectors, long block) implements Result {
    }

    /** The block of the catalogue, by a descriptor without a {@link #problem}. */
    static long catalogBlock(byte[] descriptor) {
        return Integer.toUnsignedLong(view(descriptor).getInt(CATALOG_OFFSET));
    }

    /** The descriptor's problem; null if it has none. */
    static Problem problem(byte[] descriptor) {
        if (descriptor[0] != 0) {
            return Problem.OTHER_RECORD;
        }
        return Arrays.equals(descriptor, IDENTIFIER_OFFSET, IDENTIFIER_OFFSET + IDENTIFIER.length,
                IDENTIFIER, 0, IDENTIFIER.length) ? null : Problem.OTHER_SYSTEM;
    }

    /** Reads the catalogue's first block. */
    static Result entry(byte[] catalog) {
        ByteBuffer view = view(catalog);
        if (catalog[0] != VALIDATION) {
            return new Refused(Problem.NO_VALIDATION);
        }
        if (catalog[PLATFORM_OFFSET] != 0) {
            return new Refused(Problem.OTHER_PLATFORM);
        }
        if (Short.toUnsignedInt(view.getShort(KEY_OFFSET)) != KEY) {
            return new Refused(Problem.WRONG_KEY);
        }
        if (Byte.toUnsignedInt(catalog[ENTRY_OFFSET]) != BOOTABLE) {
            return new Refused(Problem.NOT_BOOTABLE);
        }
        int media = catalog[MEDIA_OFFSET] & MEDIA_MASK;
        if (media >= Media.values().length) {
            return new Refused(Problem.OTHER_MEDIA);
        }
        int segment = Short.toUnsignedInt(view.getShort(SEGMENT_OFFSET));
        return new Entry(Media.values()[media], segment == 0 ? DEFAULT_SEGMENT : segment,
                Short.toUnsignedInt(view.getShort(COUNT_OFFSET)),
                Integer.toUnsignedLong(view.getInt(BLOCK_OFFSET)));
    }

    private static ByteBuffer view(byte[] block) {
        return ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    }
}
