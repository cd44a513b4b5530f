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
}
