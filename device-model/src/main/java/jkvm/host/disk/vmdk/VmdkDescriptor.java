package jkvm.host.disk.vmdk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;

/**
 * The text that describes a disk: a file of its own, or a part of a sparse extent.
 *
 * @param position where it begins in the file
 * @param text     as it is stored
 */
record VmdkDescriptor(long position, String text) {
    /** The content id that means: no parent. */
    static final long NO_PARENT = 0xffffffffL;
    private static final int MAX_SIZE = (1 << 20) - 1;
    private static final Pattern CID = Pattern.compile("^CID=([0-9a-fA-F]{1,8})\\b", Pattern.MULTILINE);
    private static final Pattern PARENT_CID = Pattern.compile("^parentCID=([0-9a-fA-F]{1,8})\\b", Pattern.MULTILINE);
    private static final Pattern TYPE = Pattern.compile("^createType=\"([^\"\n]*)\"", Pattern.MULTILINE);
    private static final Pattern PARENT = Pattern.compile("^parentFileNameHint=\"([^\"\n]*)\"", Pattern.MULTILINE);
    private static final Pattern EXTENT = Pattern.compile(
            "^(RW|RDONLY|NOACCESS)[ \\t]+(\\d{1,18})[ \\t]+(\\w+)(?:[ \\t]+\"([^\"\n]*)\"(?:[ \\t]+(\\d{1,18}))?)?",
            Pattern.MULTILINE);
    private static final Pattern START = Pattern.compile("(?:#[^\n]*\n| *\r?\n)*version=[123]\r?\n");

    /**
     * A part of the disk.
     *
     * @param sectors its size
     * @param type    FLAT, SPARSE and others
     * @param file    the file's name, or null
     * @param offset  where it begins in a flat file, in sectors; -1 if that is not said
     */
    record Extent(String access, long sectors, String type, String file, long offset) {
    }

    /** Whether a file begins as a descriptor does: comments and empty lines, then the version. */
    static boolean isDescriptor(BlockFile file) throws IOException {
        MemorySegment start = Bytes.allocate(512);
        long count = file.read(0, start);
        return START.matcher(text(start.asSlice(0, count))).lookingAt();
    }

    private static String text(MemorySegment bytes) {
        String text = new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    /** @param size bytes that it may take */
    static VmdkDescriptor read(BlockFile file, long position, long size) throws IOException {
        MemorySegment bytes = Bytes.allocate(Math.clamp(Math.min(size, file.size() - position), 1, MAX_SIZE));
        return new VmdkDescriptor(position, text(bytes.asSlice(0, file.read(position, bytes))));
    }

    private Optional<String> find(Pattern pattern) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** The number that changes with the disk's content. */
    long cid() throws IOException {
        return find(CID).map(VmdkDescriptor::hex)
                .orElseThrow(() -> new IOException("the descriptor has no content id (CID=)"));
    }

    /** The content id that the parent image has to have. */
    long parentCid() {
        return find(PARENT_CID).map(VmdkDescriptor::hex).orElse(NO_PARENT);
    }

    private static long hex(String digits) {
        return Long.parseLong(digits, 16);
    }

    Optional<String> createType() {
        return find(TYPE);
    }

    /** The parent's file name; empty if there is none. */
    Optional<String> parent() {
        return find(PARENT).filter(name -> !name.isEmpty()).map(name -> new String(
                name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    }

    List<Extent> extents() {
        List<Extent> extents = new ArrayList<>();
        Matcher matcher = EXTENT.matcher(text);
        while (matcher.find()) {
            String name = matcher.group(4) == null ? null : new String(
                    matcher.group(4).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            extents.add(new Extent(matcher.group(1), Long.parseLong(matcher.group(2)), matcher.group(3), name,
                    matcher.group(5) == null ? -1 : Long.parseLong(matcher.group(5))));
        }
        return extents;
    }

    /** Writes another content id of as many digits in the place of the one that is there. */
    void writeCid(BlockFile file, long random) throws IOException {
        Matcher matcher = CID.matcher(text);
        if (!matcher.find()) {
            throw new IOException("the descriptor has no content id (CID=)");
        }
        int digits = matcher.group(1).length();
        // No number of all ones: that means that there is no parent.
        long value = random & (1L << 4 * digits - 1) - 1;
        byte[] text = "%0" .concat(digits + "x").formatted(value).getBytes(StandardCharsets.US_ASCII);
        file.write(position + matcher.start(1), MemorySegment.ofArray(text));
    }
}
