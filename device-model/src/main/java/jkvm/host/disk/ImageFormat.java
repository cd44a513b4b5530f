package jkvm.host.disk;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The kinds of disk images. */
public enum ImageFormat {
    RAW, QCOW2, VMDK, VDI, VPC, VHDX, QCOW, LUKS;

    /** QEMU's name for it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The format with QEMU's name {@code text}. */
    public static Optional<ImageFormat> of(String text) {
        return Arrays.stream(values()).filter(each -> each.text().equals(text)).findFirst();
    }

    /** The format that a file's suffix tells: {@code .qcow2}; {@code .raw}, {@code .img}, {@code .iso}. */
    public static Optional<ImageFormat> ofSuffix(String file) {
        int dot = file.lastIndexOf('.');
        if (dot <= file.lastIndexOf('/')) {
            return Optional.empty();
        }
        return switch (file.substring(dot + 1).toLowerCase(Locale.ROOT)) {
            case "qcow2" -> Optional.of(QCOW2);
            case "raw", "img", "iso" -> Optional.of(RAW);
            default -> Optional.empty();
        };
    }
}
