package jkvm.json;

import java.nio.charset.StandardCharsets;

/** Where QEMU's dictionaries keep a name: the buckets of a table that the hash of the trivial database chooses from. */
final class QemuOrder {
    private static final int BUCKETS = 512;
    private static final int SEED = 0x238f13af, FACTOR = 1103515243, ADDEND = 12345;

    private QemuOrder() {
    }

    /** The number of the name's bucket. */
    static int place(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        int hash = SEED * bytes.length;
        for (int i = 0; i < bytes.length; i++) {
            hash += Byte.toUnsignedInt(bytes[i]) << i * 5 % 24;
        }
        return Integer.remainderUnsigned(FACTOR * hash + ADDEND, BUCKETS);
    }
}
