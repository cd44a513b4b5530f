package jkvm.device.scsi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jkvm.device.disk.DiskGeometry;

/**
 * The data that a disk answers with. Each method fills the command's data and returns the number of bytes, or a
 * negative number: {@link #INVALID} or {@link #NOT_SAVED}.
 */
final class DiskAnswers {
    static final int INVALID = -1;
    static final int NOT_SAVED = -2;
    static final int CACHING_PAGE = 0x08;
    static final int CACHING_PAGE_SIZE = 18;
    static final int WRITE_CACHE_BIT = 0x04;
    /** The most blocks of one WRITE SAME, and of one UNMAP, in bytes. */
    static final long MAX_SAME_BYTES = 64L << 20;
    static final long MAX_UNMAP_BYTES = 1L << 30;
    static final int MAX_UNMAP_RANGES = 255;

    private static final int EVPD_BIT = 0x01;
    private static final int INQUIRY_SIZE = 36;
    private static final int SPC_3 = 5;
    private static final int HIERARCHICAL_FORMAT_2 = 0x12;
    private static final int QUEUES_COMMANDS = 0x12;
    private static final int PAGE_LIST = 0x00;
    private static final int PAGE_SERIAL = 0x80;
    private static final int PAGE_IDENTITY = 0x83;
    private static final int PAGE_LIMITS = 0xB0;
    private static final int PAGE_CHARACTERISTICS = 0xB1;
    private static final int PAGE_PROVISIONING = 0xB2;
    private static final int LIMITS_SIZE = 64;
    private static final int PROVISIONING_SIZE = 8;
    private static final int UNMAPS_BY_ALL_COMMANDS = 0xE0;
    private static final int THIN = 2;
    private static final int CODE_SET_ASCII = 2;
    private static final int CODE_SET_BINARY = 1;
    private static final int NAME_ADDRESS_AUTHORITY = 3;
    private static final int ALL_PAGES = 0x3F;
    private static final int ERROR_RECOVERY_PAGE = 0x01;
    private static final int GEOMETRY_PAGE = 0x04;
    private static final int GEOMETRY_PAGE_SIZE = 22;
    private static final int STEP_RATE = 200;
    private static final int NO_LANDING_ZONE = 0xFFFFFF;
    private static final int ROTATIONS = 5400;
    private static final int AUTOMATIC_REALLOCATION = 0x80;
    private static final int CURRENT_VALUES = 0;
    private static final int CHANGEABLE_VALUES = 1;
    private static final int SAVED_VALUES = 3;
    private static final int NO_DESCRIPTOR_BIT = 0x08;
    private static final int WRITE_PROTECTED_BIT = 0x80;
    private static final int CAPACITY_16_SIZE = 32;
    private static final int UNMAP_BIT = 0x80;

    private final ScsiIdentity identity;
    private final ScsiDiskSettings settings;
    private final DiskGeometry geometry;
    private final long blocks;
    private final boolean isReadOnly;

    DiskAnswers(ScsiIdentity identity, ScsiDiskSettings settings, DiskGeometry geometry, long blocks,
            boolean isReadOnly) {
        this.identity = identity;
        this.settings = settings;
        this.geometry = geometry;
        this.blocks = blocks;
        this.isReadOnly = isReadOnly;
    }

    private static ByteBuffer clean(ScsiCommand command) {
        Arrays.fill(command.data(), (byte) 0);
        return ByteBuffer.wrap(command.data());
    }

    int inquiry(ScsiCommand command) {
        ByteBuffer out = clean(command);
        if ((command.at(1) & EVPD_BIT) != 0) {
            return inquiryPage(command.at(2), out);
        }
        if (command.at(2) != 0) {
            return INVALID;
        }
        out.put(2, (byte) SPC_3).put(3, (byte) HIERARCHICAL_FORMAT_2).put(4, (byte) (INQUIRY_SIZE - 5))
                .put(7, (byte) QUEUES_COMMANDS);
        identity.put(out.array());
        return INQUIRY_SIZE;
    }

    private int inquiryPage(int page, ByteBuffer out) {
        byte[] serial = identity.serial().getBytes(StandardCharsets.US_ASCII);
        out.put(1, (byte) page).position(4);
        switch (page) {
            case PAGE_LIST -> {
                out.put((byte) PAGE_LIST);
                if (serial.length > 0) {
                    out.put((byte) PAGE_SERIAL);
                }
                out.put((byte) PAGE_IDENTITY).put((byte) PAGE_LIMITS).put((byte) PAGE_CHARACTERISTICS)
                        .put((byte) PAGE_PROVISIONING);
            }
            case PAGE_SERIAL -> {
                if (serial.length == 0) {
                    return INVALID;
                }
                out.put(serial);
            }
            case PAGE_IDENTITY -> putNames(out);
            case PAGE_LIMITS -> putLimits(out);
            case PAGE_CHARACTERISTICS -> out.putShort((short) settings.rotationRate()).position(LIMITS_SIZE);
            case PAGE_PROVISIONING -> out.put((byte) 0).put((byte) UNMAPS_BY_ALL_COMMANDS).put((byte) THIN)
                    .position(PROVISIONING_SIZE);
            default -> {
                return INVALID;
            }
        }
        out.putShort(2, (short) (out.position() - 4));
        return out.position();
    }

    private void putNames(ByteBuffer out) {
        byte[] name = identity.device().getBytes(StandardCharsets.US_ASCII);
        if (name.length > 0) {
            out.put((byte) CODE_SET_ASCII).put((byte) 0).put((byte) 0).put((byte) name.length).put(name);
        }
        if (settings.wwn() != 0) {
            out.put((byte) CODE_SET_BINARY).put((byte) NAME_ADDRESS_AUTHORITY).put((byte) 0).put((byte) Long.BYTES)
                    .putLong(settings.wwn());
        }
    }

    private void putLimits(ByteBuffer out) {
        int block = settings.logicalBlock();
        out.put(4, (byte) 1);
        out.putInt(20, (int) (MAX_UNMAP_BYTES / block)).putInt(24, MAX_UNMAP_RANGES)
                .putInt(28, Math.max(1, settings.physicalBlock() / block)).putLong(36, MAX_SAME_BYTES / block);
        out.position(LIMITS_SIZE);
    }

    int capacity(ScsiCommand command) {
        clean(command).putInt((int) Math.min(blocks - 1, 0xFFFFFFFFL)).putInt(settings.logicalBlock());
        return 8;
    }

    int capacity16(ScsiCommand command) {
        int ratio = settings.physicalBlock() / settings.logicalBlock();
        clean(command).putLong(blocks - 1).putInt(settings.logicalBlock()).put((byte) 0)
                .put((byte) Integer.numberOfTrailingZeros(Math.max(1, ratio))).put((byte) UNMAP_BIT);
        return CAPACITY_16_SIZE;
    }

    /** Numbers of three bytes (SBC-2 section 6.3.4). */
    private void putGeometry(ByteBuffer out, boolean isChangeable) {
        out.put((byte) GEOMETRY_PAGE).put((byte) GEOMETRY_PAGE_SIZE);
        int start = out.position();
        out.put(new byte[GEOMETRY_PAGE_SIZE]);
        if (!isChangeable) {
            int cylinders = geometry.cylinders() << Byte.SIZE;
            out.putInt(start, cylinders | geometry.heads()).putInt(start + 4, cylinders).putInt(start + 7, cylinders)
                    .putShort(start + 10, (short) STEP_RATE).putInt(start + 12, NO_LANDING_ZONE << Byte.SIZE)
                    .putShort(start + 18, (short) ROTATIONS);
        }
    }

    /**
     * MODE SENSE, in its short or long form.
     *
     * @param hasWriteCache as it is now
     */
    int modeSense(ScsiCommand command, boolean isShort, boolean hasWriteCache) {
        int values = command.at(2) >> 6;
        int page = command.at(2) & ALL_PAGES;
        if (values == SAVED_VALUES) {
            return NOT_SAVED;
        }
        boolean hasDescriptor = (command.at(1) & NO_DESCRIPTOR_BIT) == 0;
        ByteBuffer out = clean(command);
        int header = isShort ? 4 : 8;
        out.position(header);
        if (hasDescriptor) {
            out.putInt((int) Math.min(blocks, 0xFFFFFF)).putInt(settings.logicalBlock());
        }
        int start = out.position();
        if (page == ERROR_RECOVERY_PAGE || page == ALL_PAGES) {
            out.put((byte) ERROR_RECOVERY_PAGE).put((byte) 10)
                    .put((byte) (values == CHANGEABLE_VALUES ? 0 : AUTOMATIC_REALLOCATION)).put(new byte[9]);
        }
        if (page == GEOMETRY_PAGE || page == ALL_PAGES) {
            putGeometry(out, values == CHANGEABLE_VALUES);
        }
        if (page == CACHING_PAGE || page == ALL_PAGES) {
            boolean isSet = values == CHANGEABLE_VALUES
                    || (values == CURRENT_VALUES ? hasWriteCache : settings.writeCache());
            out.put((byte) CACHING_PAGE).put((byte) CACHING_PAGE_SIZE).put((byte) (isSet ? WRITE_CACHE_BIT : 0))
                    .put(new byte[CACHING_PAGE_SIZE - 1]);
        }
        if (out.position() == start) {
            return INVALID;
        }
        byte flags = (byte) (isReadOnly ? WRITE_PROTECTED_BIT : 0);
        if (isShort) {
            out.put(0, (byte) (out.position() - 1)).put(2, flags).put(3, (byte) (start - header));
        } else {
            out.putShort(0, (short) (out.position() - 2)).put(3, flags).putShort(6, (short) (start - header));
        }
        return out.position();
    }
}
