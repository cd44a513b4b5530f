package jkvm.host.disk.luks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskImage;

/**
 * A header's fields; numbers are big-endian in the file.
 *
 * @param digest        of the master key, which tells the right one
 * @param digestSalt    of the same
 * @param iterations    of the same
 * @param payloadSector where the disk begins in the file
 * @param slots         as many as {@link #SLOTS}
 */
record LuksHeader(CipherChoice cipher, HashAlgorithm hash, byte[] digest, byte[] digestSalt, int iterations,
        String uuid, int payloadSector, List<KeySlot> slots) {
    static final int SALT_LENGTH = 32, DIGEST_LENGTH = 20, SLOTS = 8, STRIPES = 4000, LENGTH = 592;
    /** Each takes some minutes at most; people have a few millions. */
    static final int MAX_ITERATIONS = 100_000_000;
    /** The begin of keys in new images, and what they are rounded up to. */
    static final int ALIGNMENT_SECTORS = 8;

    private static final byte[] MAGIC = {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe};
    private static final int VERSION = 1, TEXT_LENGTH = 32, UUID_LENGTH = 40;
    private static final int SLOT_ACTIVE = 0xac71f3, SLOT_INACTIVE = 0xdead;

    LuksHeader {
        slots = List.copyOf(slots);
    }

    /** Whether a file begins as an image does. */
    static boolean isLuks(BlockFile file) throws IOException {
        MemorySegment start = Bytes.allocate(LENGTH);
        if (file.read(0, start) < LENGTH) {
            return false;
        }
        ByteBuffer fields = start.asByteBuffer();
        return fields.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC)) && fields.getShort(MAGIC.length) == VERSION;
    }

    /** @throws IOException if it is no header of an image that is supported */
    static LuksHeader read(BlockFile file) throws IOException {
        if (!isLuks(file)) {
            throw new IOException("Volume is not in LUKS format, or of another version than " + VERSION);
        }
        ByteBuffer fields = Bytes.readFully(file, 0, LENGTH, "the header").asByteBuffer();
        fields.position(MAGIC.length + Short.BYTES);
        String cipher = text(fields, TEXT_LENGTH);
        String mode = text(fields, TEXT_LENGTH);
        String hashName = text(fields, TEXT_LENGTH);
        HashAlgorithm hash = HashAlgorithm.of(hashName).orElseThrow(() -> CipherChoice.unsupported("hash", hashName,
                "sha1, sha224, sha256, sha384 and sha512 are"));
        int payload = fields.getInt();
        CipherChoice choice = CipherChoice.parse(cipher, mode, fields.getInt());
        byte[] digest = bytes(fields, DIGEST_LENGTH);
        byte[] salt = bytes(fields, SALT_LENGTH);
        int iterations = fields.getInt();
        String uuid = text(fields, UUID_LENGTH);
        List<KeySlot> slots = new ArrayList<>();
        for (int i = 0; i < SLOTS; i++) {
            int active = fields.getInt();
            if (active != SLOT_ACTIVE && active != SLOT_INACTIVE) {
                throw new IOException("Keyslot " + i + " state (active/disable) is corrupted");
            }
            slots.add(new KeySlot(active == SLOT_ACTIVE, fields.getInt(), bytes(fields, SALT_LENGTH), fields.getInt(),
                    fields.getInt()));
        }
        LuksHeader header = new LuksHeader(choice, hash, digest, salt, iterations, uuid, payload, slots);
        header.check();
        return header;
    }

    private static String text(ByteBuffer fields, int length) {
        String text = new String(bytes(fields, length), StandardCharsets.ISO_8859_1);
        int end = text.indexOf(0);
        return end < 0 ? text : text.substring(0, end);
    }

    private static byte[] bytes(ByteBuffer fields, int length) {
        byte[] bytes = new byte[length];
        fields.get(bytes);
        return bytes;
    }

    private void check() throws IOException {
        checkIterations("the master key", iterations);
        long headerSectors = Bytes.divideUp(LENGTH, DiskImage.SECTOR_SIZE);
        long payload = Integer.toUnsignedLong(payloadSector);
        if (payload < headerSectors) {
            throw new IOException("LUKS payload is overlapping with the header");
        }
        long sectors = keySectors(cipher);
        for (int i = 0; i < SLOTS; i++) {
            KeySlot slot = slots.get(i);
            if (slot.stripes() != STRIPES) {
                throw new IOException("Keyslot " + i + " is corrupted (stripes "
                        + Integer.toUnsignedString(slot.stripes()) + " != " + STRIPES + ")");
            }
            long start = Integer.toUnsignedLong(slot.keySector());
            if (start < headerSectors) {
                throw new IOException("Keyslot " + i + " is overlapping with the LUKS header");
            }
            if (start + sectors > payload) {
                throw new IOException("Keyslot " + i + " is overlapping with the encrypted payload");
            }
            for (int j = 0; j < i; j++) {
                if (Math.abs(start - Integer.toUnsignedLong(slots.get(j).keySector())) < sectors) {
                    throw new IOException("Keyslots " + j + " and " + i + " are overlapping in the header");
                }
            }
            if (slot.active()) {
                checkIterations("keyslot " + i, slot.iterations());
            }
        }
    }

    private static void checkIterations(String what, int iterations) throws IOException {
        if (iterations < 1 || iterations > MAX_ITERATIONS) {
            throw new IOException(what + " has " + Integer.toUnsignedString(iterations)
                    + " iterations of its derivation; 1 to " + MAX_ITERATIONS + " are supported");
        }
    }

    /** How many sectors the stripes of one key take. */
    static long keySectors(CipherChoice cipher) {
        return Bytes.divideUp((long) cipher.keyLength() * STRIPES, DiskImage.SECTOR_SIZE);
    }

    /** The same with another slot. */
    LuksHeader withSlot(int index, KeySlot slot) {
        List<KeySlot> changed = new ArrayList<>(slots);
        changed.set(index, slot);
        return new LuksHeader(cipher, hash, digest, digestSalt, iterations, uuid, payloadSector, changed);
    }

    /** Where the disk begins in the file, in bytes. */
    long payloadOffset() {
        return Integer.toUnsignedLong(payloadSector) * DiskImage.SECTOR_SIZE;
    }

    /** The disk's size in bytes: the rest of the file. */
    long capacity(BlockFile file) throws IOException {
        long end = Bytes.roundUp(file.size(), DiskImage.SECTOR_SIZE);
        if (end < payloadOffset()) {
            throw new IOException("the file ends before the disk's begin at " + payloadOffset());
        }
        return end - payloadOffset();
    }

    void write(BlockFile file) throws IOException {
        MemorySegment memory = Bytes.allocate(ALIGNMENT_SECTORS * DiskImage.SECTOR_SIZE);
        ByteBuffer fields = memory.asByteBuffer();
        fields.put(MAGIC).putShort((short) VERSION);
        putText(fields, "aes", TEXT_LENGTH);
        putText(fields, cipher.text(), TEXT_LENGTH);
        putText(fields, hash.text(), TEXT_LENGTH);
        fields.putInt(payloadSector).putInt(cipher.keyLength()).put(digest).put(digestSalt).putInt(iterations);
        putText(fields, uuid, UUID_LENGTH);
        for (KeySlot slot : slots) {
            fields.putInt(slot.active() ? SLOT_ACTIVE : SLOT_INACTIVE).putInt(slot.iterations()).put(slot.salt())
                    .putInt(slot.keySector()).putInt(slot.stripes());
        }
        file.write(0, memory);
    }

    private static void putText(ByteBuffer fields, String text, int length) {
        int start = fields.position();
        fields.put(text.getBytes(StandardCharsets.ISO_8859_1)).position(start + length);
    }
}
