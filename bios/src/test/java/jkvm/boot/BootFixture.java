package jkvm.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.tables.MemoryMap;

/** A guest's memory without KVM, and files to boot in it. */
final class BootFixture {
    static final int MIB = 1 << 20;
    static final long RSDP = 0xF0000;

    private final Path folder;
    private final GuestMemory memory;

    BootFixture(Path folder, long size) {
        this(folder, memory(size));
    }

    BootFixture(Path folder, GuestMemory memory) {
        this.folder = folder;
        this.memory = memory;
    }

    static GuestMemory memory(long size) {
        return new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(size, 4096))));
    }

    GuestMemory memory() {
        return memory;
    }

    Path file(String name, byte[] content) {
        try {
            return Files.write(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file that has this content and goes on with a hole. */
    Path sparseFile(String name, byte[] content, long size) {
        Path path = file(name, content);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(size);
            return path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void patch(Path path, long offset, byte value) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(offset);
            file.write(value);
        }
    }

    BootRequest request(Path kernel, String commandLine, String... initrds) {
        return new BootRequest(kernel, List.of(initrds), commandLine, memory, MemoryMap.forPc(memory), RSDP);
    }

    EntryState boot(byte[] kernel) {
        return BootLoaders.load(request(file("kernel", kernel), ""));
    }

    /**
     * Asserts that a request is refused in one line, names the file, and changes no memory.
     *
     * @return the message
     */
    String refusal(BootRequest request) {
        return refused(request).getMessage();
    }

    /** As {@link #refusal}; returns the exception. */
    BootException refused(BootRequest request) {
        MemorySegment ram = memory.regions().getFirst().segment();
        MemorySegment before = Arena.ofAuto().allocate(ram.byteSize()).copyFrom(ram);
        BootException e = assertThrows(BootException.class, () -> BootLoaders.load(request));
        assertEquals(-1, ram.mismatch(before), "guest memory changed");
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
        return e;
    }

    /** Asserts that a kernel is refused with a message that names it and holds {@code problem}. */
    void assertRefused(byte[] kernel, String problem) {
        Path file = file("kernel", kernel);
        String message = refusal(request(file, ""));
        assertTrue(message.startsWith("kernel " + file + ": "), message);
        assertTrue(message.contains(problem), message);
    }

    /** The text at an address, up to its zero byte. */
    String string(long gpa) {
        StringBuilder text = new StringBuilder();
        for (long at = gpa; memory.readByte(at) != 0; at++) {
            text.append((char) memory.readByte(at));
        }
        return text.toString();
    }

    byte[] bytes(long gpa, int length) {
        byte[] bytes = new byte[length];
        memory.read(gpa, bytes, 0, length);
        return bytes;
    }
}
