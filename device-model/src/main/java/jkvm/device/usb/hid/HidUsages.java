package jkvm.device.usb.hid;

import java.util.HexFormat;
import jkvm.host.input.Key;

/** Keys as HID numbers them (HID Usage Tables 1.12, section 10, page 7). */
final class HidUsages {
    /** The left control key; the other seven modifiers follow. */
    static final int FIRST_MODIFIER = 0xE0;
    /** Usages by a key's code in set 1, 00 to 58; 0 where there is none. */
    private static final byte[] PLAIN = HexFormat.of().parseHex("00291e1f2021222324252627" + "2d2e2a2b"
            + "141a0815171c180c12132f3028e00416" + "07090a0b0d0e0f333435e1311d1b0619"
            + "051110363738e555e22c393a3b3c3d3e" + "3f4041424353475f6061565c5d5e5759"
            + "5a5b626346006444" + "45");

    private HidUsages() {
    }

    /** The usage of a key, 4 to 0xE7. */
    static int of(Key key) {
        return key.isExtended() ? extended(key.set1()) : PLAIN[key.set1()] & 0xFF;
    }

    private static int extended(int code) {
        return switch (code) {
            case 0x1C -> 0x58;
            case 0x1D -> 0xE4;
            case 0x35 -> 0x54;
            case 0x37 -> 0x46;
            case 0x38 -> 0xE6;
            case 0x46 -> 0x48;
            case 0x47 -> 0x4A;
            case 0x48 -> 0x52;
            case 0x49 -> 0x4B;
            case 0x4B -> 0x50;
            case 0x4D -> 0x4F;
            case 0x4F -> 0x4D;
            case 0x50 -> 0x51;
            case 0x51 -> 0x4E;
            case 0x52 -> 0x49;
            case 0x53 -> 0x4C;
            case 0x5B -> 0xE3;
            case 0x5C -> 0xE7;
            case 0x5D -> 0x65;
            default -> throw new IllegalArgumentException("no usage of the key E0 %02x".formatted(code));
        };
    }
}
