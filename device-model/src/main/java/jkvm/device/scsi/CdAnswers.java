package jkvm.device.scsi;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jkvm.host.image.MediumSlot;

/**
 * The data that a CD-ROM drive answers with. Each method fills the command's data and returns the number of bytes, or
 * one of the negative numbers that say what is wrong.
 */
final class CdAnswers {
    static final int INVALID = -1;
    static final int NOT_SAVED = -2;
    static final int WRONG_MEDIUM = -3;

    static final int EVENT_EJECT_REQUEST = 1;
    static final int EVENT_NEW_MEDIUM = 2;

    private static final int CD_ROM_TYPE = 0x05;
    private static final int REMOVABLE_BIT = 0x80;
    private static final int SPC_3 = 5;
    private static final int ATAPI_FORMAT = 0x21;
    private static final int HIERARCHICAL_FORMAT = 0x12;
    private static final int EVPD_BIT = 0x01;
    private static final int PAGE_LIST = 0x00;
    private static final int PAGE_SERIAL = 0x80;
    private static final int PAGE_IDENTITY = 0x83;
    private static final int INQUIRY_SIZE = 36;
    /** More frames than 80 minutes have: the image is a DVD's. */
    private static final long CD_MAX_BLOCKS = 80L * 60 * 75;
    private static final int PROFILE_CD_ROM = 0x08;
    private static final int PROFILE_DVD_ROM = 0x10;
    private static final int CURRENT = 0x01;
    private static final int PERSISTENT_AND_CURRENT = 0x03;
    private static final int MEDIA_CLASS = 4;
    private static final int MEDIA_CLASS_BIT = 1 << MEDIA_CLASS;
    private static final int POLLED_BIT = 0x01;
    private static final int NO_EVENT_BIT = 0x80;
    private static final int MSF_BIT = 0x02;
    private static final int DATA_TRACK = 0x14;
    private static final int LEAD_OUT = 0xAA;
    private static final int LEAD_OUT_CONTROL = 0x16;
    private static final int CURRENT_VALUES = 0;
    private static final int SAVED_VALUES = 3;
    private static final int PAGE_ERROR_RECOVERY = 0x01;
    private static final int PAGE_AUDIO = 0x0E;
    private static final int PAGE_CAPABILITIES = 0x2A;
    /** A door that is closed, 120 mm data. */
    private static final int MEDIUM_TYPE = 0x70;
    private static final int FOUR_TIMES_SPEED = 704;
    private static final int CACHE_KIB = 512;

    private final MediumSlot slot;
    private final ScsiIdentity identity;

    CdAnswers(MediumSlot slot, ScsiIdentity identity) {
        this.slot = slot;
        this.identity = identity;
    }

    private static ByteBuffer clean(ScsiCommand command) {
        Arrays.fill(command.data(), (byte) 0);
        return ByteBuffer.wrap(command.data());
    }

    private long blocks() {
        return slot.capacity() / CdRom.BLOCK_SIZE;
    }

    int inquiry(ScsiCommand command) {
        ByteBuffer out = clean(command);
        if ((command.at(1) & EVPD_BIT) != 0) {
            return inquiryPage(command, out);
        }
        if (command.at(2) != 0) {
            return INVALID;
        }
        out.put((byte) CD_ROM_TYPE).put((byte) REMOVABLE_BIT).put((byte) (identity.isAtapi() ? 0x00 : SPC_3))
                .put((byte) (identity.isAtapi() ? ATAPI_FORMAT : HIERARCHICAL_FORMAT))
                .put((byte) (INQUIRY_SIZE - 5));
        identity.put(out.array());
        return INQUIRY_SIZE;
    }

    private int inquiryPage(ScsiCommand command, ByteBuffer out) {
        byte[] serial = identity.serial().getBytes(StandardCharsets.US_ASCII);
        int page = command.at(2);
        out.put((byte) CD_ROM_TYPE).put((byte) page).putShort((short) 0);
        switch (page) {
            case PAGE_LIST -> out.put((byte) PAGE_LIST).put((byte) PAGE_SERIAL).put((byte) PAGE_IDENTITY);
            case PAGE_SERIAL -> out.put(serial);
            case PAGE_IDENTITY -> out.put((byte) 0x02).put((byte) 0).put((byte) 0).put((byte) serial.length)
                    .put(serial);
            default -> {
                return INVALID;
            }
        }
        out.putShort(2, (short) (out.position() - 4));
        return out.position();
    }

    int capacity(ScsiCommand command) {
        clean(command).putInt((int) (blocks() - 1)).putInt(CdRom.BLOCK_SIZE);
        return 8;
    }

    private int profile() {
        return !slot.isReady() ? 0 : blocks() > CD_MAX_BLOCKS ? PROFILE_DVD_ROM : PROFILE_CD_ROM;
    }

    /** The profiles, and the features core and removable medium: what QEMU's drives have. */
    int configuration(ScsiCommand command) {
        if (command.number(2, 2) != 0) {
            return INVALID;
        }
        int profile = profile();
        ByteBuffer out = clean(command);
        out.putInt(0).putShort((short) 0).putShort((short) profile);
        out.putShort((short) 0x0000).put((byte) PERSISTENT_AND_CURRENT).put((byte) 8);
        out.putShort((short) PROFILE_DVD_ROM).put((byte) (profile == PROFILE_DVD_ROM ? CURRENT : 0)).put((byte) 0);
        out.putShort((short) PROFILE_CD_ROM).put((byte) (profile == PROFILE_CD_ROM ? CURRENT : 0)).put((byte) 0);
        out.putShort((short) 0x0001).put((byte) (2 << 2 | PERSISTENT_AND_CURRENT)).put((byte) 8).putInt(2)
                .put((byte) 1).put((byte) 0).putShort((short) 0);
        out.putShort((short) 0x0003).put((byte) PERSISTENT_AND_CURRENT).put((byte) 4).putInt(0x29000000);
        out.putInt(0, out.position() - Integer.BYTES);
        return out.position();
    }

    /** True if GET EVENT STATUS NOTIFICATION asks for what {@link #events} can tell. */
    static boolean asksForMedia(ScsiCommand command) {
        return (command.at(1) & POLLED_BIT) != 0 && (command.at(4) & MEDIA_CLASS_BIT) != 0;
    }

    int events(ScsiCommand command, int event) {
        if ((command.at(1) & POLLED_BIT) == 0) {
            return INVALID;
        }
        ByteBuffer out = clean(command);
        if (!asksForMedia(command)) {
            out.putShort((short) 0).put((byte) NO_EVENT_BIT).put((byte) MEDIA_CLASS_BIT);
            return 4;
        }
        int presence = (slot.isTrayOpen() ? 1 : 0) | (slot.isReady() ? 2 : 0);
        out.putShort((short) 4).put((byte) MEDIA_CLASS).put((byte) MEDIA_CLASS_BIT).put((byte) event)
                .put((byte) presence);
        return 8;
    }

    int mechanism(ScsiCommand command) {
        clean(command).put(5, (byte) 1);
        return 8;
    }

    int disc(ScsiCommand command) {
        if ((command.at(1) & 0x07) != 0) {
            return INVALID;
        }
        clean(command).putShort((short) 32).put((byte) 0x0E).put((byte) 1).put((byte) 1).put((byte) 1).put((byte) 1)
                .put((byte) 0x20);
        return 34;
    }

    int position(ScsiCommand command) {
        ByteBuffer out = clean(command);
        // No audio plays, and none has.
        out.put(1, (byte) 0x15);
        if ((command.at(2) & 0x40) == 0) {
            return 4;
        }
        if (command.at(3) != 1) {
            return INVALID;
        }
        out.putShort(2, (short) 12).put(4, (byte) 1).put(5, (byte) DATA_TRACK).put(6, (byte) 1).put(7, (byte) 1);
        return 16;
    }

    /** READ TOC: its format in the place of MMC, or of SFF-8020i. */
    int contents(ScsiCommand command) {
        int format = command.at(2) & 0x0F;
        boolean isMsf = (command.at(1) & MSF_BIT) != 0;
        return switch (format != 0 ? format : command.at(9) >> 6) {
            case 0 -> tracks(command, isMsf, command.at(6));
            case 1 -> {
                clean(command).putShort((short) 10).put((byte) 1).put((byte) 1);
                yield 12;
            }
            case 2 -> rawContents(command);
            default -> INVALID;
        };
    }

    private int tracks(ScsiCommand command, boolean isMsf, int start) {
        if (start > 1 && start != LEAD_OUT) {
            return INVALID;
        }
        ByteBuffer out = clean(command);
        out.putShort((short) 0).put((byte) 1).put((byte) 1);
        if (start <= 1) {
            out.put((byte) 0).put((byte) DATA_TRACK).put((byte) 1).put((byte) 0);
            place(out, isMsf, 0);
        }
        out.put((byte) 0).put((byte) LEAD_OUT_CONTROL).put((byte) LEAD_OUT).put((byte) 0);
        place(out, isMsf, blocks());
        out.putShort(0, (short) (out.position() - 2));
        return out.position();
    }

    private static void place(ByteBuffer out, boolean isMsf, long block) {
        if (isMsf) {
            DiscTime.put(out.array(), out.position() + 1, block);
            out.position(out.position() + Integer.BYTES);
        } else {
            out.putInt((int) block);
        }
    }

    private int rawContents(ScsiCommand command) {
        ByteBuffer out = clean(command);
        out.putShort((short) 0).put((byte) 1).put((byte) 1);
        for (int point : new int[] {0xA0, 0xA1, 0xA2, 1}) {
            out.put((byte) 1).put((byte) DATA_TRACK).put((byte) 0).put((byte) point).putInt(0);
            if (point == 0xA2 || point == 1) {
                DiscTime.put(out.array(), out.position(), point == 1 ? 0 : blocks());
            } else {
                out.put(out.position(), (byte) 1);
            }
            out.position(out.position() + 3);
        }
        out.putShort(0, (short) (out.position() - 2));
        return out.position();
    }

    int modeSense(ScsiCommand command) {
        int values = command.at(2) >> 6;
        int page = command.at(2) & 0x3F;
        if (values != CURRENT_VALUES) {
            return values == SAVED_VALUES ? NOT_SAVED : INVALID;
        }
        boolean isShort = command.operation() == CdRom.MODE_SENSE_6;
        ByteBuffer out = clean(command);
        out.position(isShort ? 4 : 8);
        int header = out.position();
        if (page == PAGE_ERROR_RECOVERY || page == 0x3F) {
            out.put((byte) PAGE_ERROR_RECOVERY).put((byte) 6).put((byte) 0).put((byte) 5).putInt(0);
        }
        if (page == PAGE_AUDIO || page == 0x3F) {
            out.put((byte) PAGE_AUDIO).put((byte) 14).put(new byte[14]);
        }
        if (page == PAGE_CAPABILITIES || page == 0x3F) {
            putCapabilities(out);
        }
        if (out.position() == header) {
            return INVALID;
        }
        if (isShort) {
            out.put(0, (byte) (out.position() - 1)).put(1, (byte) MEDIUM_TYPE);
        } else {
            out.putShort(0, (short) (out.position() - 2)).put(2, (byte) MEDIUM_TYPE);
        }
        return out.position();
    }

    /** Reads CD-R, CD-RW and DVDs; claims to play sound, since some Linux software looks for that. */
    private void putCapabilities(ByteBuffer out) {
        int locks = 1 << 0 | 1 << 3 | 1 << 5 | (slot.isLocked() ? 1 << 1 : 0);
        out.put((byte) PAGE_CAPABILITIES).put((byte) 20).put((byte) 0x3B).put((byte) 0).put((byte) 0x71)
                .put((byte) 0x60).put((byte) locks).put((byte) 0).putShort((short) FOUR_TIMES_SPEED)
                .putShort((short) 2).putShort((short) CACHE_KIB).putShort((short) FOUR_TIMES_SPEED)
                .put(new byte[6]);
    }

    /** The physical format of a DVD's first layer. */
    int dvdStructure(ScsiCommand command) {
        if (profile() != PROFILE_DVD_ROM) {
            return WRONG_MEDIUM;
        }
        if (command.at(1) != 0 || command.at(6) != 0 || command.at(7) != 0) {
            return INVALID;
        }
        ByteBuffer out = clean(command);
        long last = blocks() - 1 + 0x30000;
        out.putShort((short) (2048 + 2)).putShort((short) 0);
        out.put((byte) 1).put((byte) 0x0F).put((byte) 1).put((byte) 0).putInt(0x30000).putInt((int) last)
                .putInt((int) last);
        return 2048 + 4;
    }
}
