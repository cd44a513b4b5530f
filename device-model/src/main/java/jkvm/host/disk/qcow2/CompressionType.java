package jkvm.host.disk.qcow2;

import java.util.Arrays;
import java.util.Optional;

/** How an image's compressed clusters are packed; one for the whole image. */
enum CompressionType {
    /** Raw deflate. */
    ZLIB("zlib"),
    /** Frames of Zstandard, by the host's library. */
    ZSTD("zstd");

    private final String text;

    CompressionType(String text) {
        this.text = text;
    }

    static Optional<CompressionType> of(String text) {
        return Arrays.stream(values()).filter(each -> each.text.equals(text)).findFirst();
    }

    /** QEMU's name; the ordinal is the number in the header. */
    String text() {
        return text;
    }
}
