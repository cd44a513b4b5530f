package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;

/** Changes header extensions, and the name of an image's backing file, which lies in the header after them. */
final class BackingName {
    private static final int NAME_FIELD = 8, HEADER_LENGTH_FIELD = 100, EXTENSION_HEADER = 8;

    private BackingName() {
    }

    /**
     * Writes the first cluster anew. It keeps all other header extensions.
     *
     * @throws IOException if the name does not fit; nothing is written then
     */
    static void set(BlockFile file, Qcow2Header header, Optional<String> name, Optional<String> format)
            throws IOException {
        if (name.isPresent() && header.isDataFileRaw()) {
            throw new IOException("Invalid argument: the raw data file has the whole content");
        }
        MemorySegment old = Bytes.allocate(header.clusterSize());
        file.read(0, old);
        MemorySegment first = Bytes.allocate(header.clusterSize());
        long at = header.version() >= 3 ? Bytes.getInt(old, HEADER_LENGTH_FIELD) : Qcow2Header.V2_LENGTH;
        MemorySegment.copy(old, 0, first, 0, at);
        long from = at;
        if (name.isPresent() && format.isPresent()) {
            byte[] text = format.get().getBytes(StandardCharsets.UTF_8);
            requireRoom(first, at, EXTENSION_HEADER + Bytes.roundUp(text.length, 8));
            Bytes.putInt(first, at, Qcow2Header.BACKING_FORMAT_EXTENSION);
            Bytes.putInt(first, at + 4, text.length);
            MemorySegment.copy(text, 0, first, ValueLayout.JAVA_BYTE, at + EXTENSION_HEADER, text.length);
            at += EXTENSION_HEADER + Bytes.roundUp(text.length, 8);
        }
        at = copyExtensions(old, from, first, at, Qcow2Header.BACKING_FORMAT_EXTENSION);
        requireRoom(first, at, EXTENSION_HEADER);
        at += EXTENSION_HEADER;
        byte[] bytes = name.orElse("").getBytes(StandardCharsets.UTF_8);
        requireRoom(first, at, bytes.length);
        if (bytes.length > Qcow2Header.MAX_BACKING_NAME) {
            throw new IOException("the name is too long");
        }
        Bytes.putLong(first, NAME_FIELD, bytes.length == 0 ? 0 : at);
        Bytes.putInt(first, NAME_FIELD + 8, bytes.length);
        MemorySegment.copy(bytes, 0, first, ValueLayout.JAVA_BYTE, at, bytes.length);
        file.flush();
        file.write(0, first);
        file.flush();
    }

    /**
     * The first cluster as it is to be, with another header extension.
     *
     * @param content of the extension; null if there is to be none
     * @throws IOException if it does not fit
     */
    static MemorySegment withExtension(BlockFile file, Qcow2Header header, int type, MemorySegment content)
            throws IOException {
        MemorySegment old = Bytes.allocate(header.clusterSize());
        file.read(0, old);
        MemorySegment first = Bytes.allocate(header.clusterSize());
        long from = header.version() >= 3 ? Bytes.getInt(old, HEADER_LENGTH_FIELD) : Qcow2Header.V2_LENGTH;
        MemorySegment.copy(old, 0, first, 0, from);
        long at = copyExtensions(old, from, first, from, type);
        if (content != null) {
            requireRoom(first, at, EXTENSION_HEADER + Bytes.roundUp(content.byteSize(), 8));
            Bytes.putInt(first, at, type);
            Bytes.putInt(first, at + 4, (int) content.byteSize());
            MemorySegment.copy(content, 0, first, at + EXTENSION_HEADER, content.byteSize());
            at += EXTENSION_HEADER + Bytes.roundUp(content.byteSize(), 8);
        }
        requireRoom(first, at, EXTENSION_HEADER);
        at += EXTENSION_HEADER;
        long name = Bytes.getLong(old, NAME_FIELD);
        int length = name == 0 ? 0 : Bytes.getInt(old, NAME_FIELD + 8);
        requireRoom(first, at, length);
        Bytes.putLong(first, NAME_FIELD, length == 0 ? 0 : at);
        MemorySegment.copy(old, name, first, at, length);
        return first;
    }

    private static long copyExtensions(MemorySegment old, long from, MemorySegment first, long to, int without)
            throws IOException {
        long at = to;
        for (long next = from; next + EXTENSION_HEADER <= old.byteSize(); ) {
            int type = Bytes.getInt(old, next);
            if (type == 0) {
                break;
            }
            // The header was read: no extension reaches past the cluster, but the padding of the last one may.
            long size = EXTENSION_HEADER + Integer.toUnsignedLong(Bytes.getInt(old, next + 4));
            if (type != without) {
                requireRoom(first, at, Bytes.roundUp(size, 8));
                MemorySegment.copy(old, next, first, at, size);
                at += Bytes.roundUp(size, 8);
            }
            next += Bytes.roundUp(size, 8);
        }
        return at;
    }

    private static void requireRoom(MemorySegment first, long at, long size) throws IOException {
        if (size > first.byteSize() - at) {
            throw new IOException("No space left in the file header");
        }
    }
}
