package jkvm.host.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.app.options.ErrorText;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.qcow2.MemoryFile;
import jkvm.host.disk.qcow2.RandomRequests;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.linux.Errno;
import jkvm.linux.FaultySyscalls;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.SyscallNumber;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskImagesTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    private Path folder;
    private final DiskImages images = new DiskImages(new FfmSyscalls());

    private Path qcow2(String name, String backing, ImageFormat format) {
        Path path = folder.resolve(name);
        CreateValues values = CreateValues.ofSize(SIZE);
        images.create(path, ImageFormat.QCOW2, backing == null ? values
                : format == null ? values.with(CreateOption.BACKING_FILE, backing)
                : values.withBacking(backing, format));
        return path;
    }

    private void assertRefused(Kind kind, String reason, Path path, ImageOptions options) {
        DiskException e = assertThrows(DiskException.class, () -> images.open(path, options));
        String message = e.getMessage();
        assertEquals(kind, e.kind(), message);
        assertTrue(message.startsWith("disk image ") && message.contains(reason), message);
        assertFalse(message.contains("\n"), message);
    }

    @Test
    @DisplayName("backing files that form a loop are refused")
    void shouldRefuseALoopOfBackingFiles() {
        Path one = qcow2("one.qcow2", "two.qcow2", ImageFormat.QCOW2);
        qcow2("two.qcow2", "./one.qcow2", ImageFormat.QCOW2);
        Path self = qcow2("self.qcow2", "self.qcow2", ImageFormat.QCOW2);
        assertRefused(Kind.BACKING_LOOP, "loop", one, ImageOptions.READ_ONLY);
        assertRefused(Kind.BACKING_LOOP, "loop", self, ImageOptions.READ_ONLY.withLocked(false));
    }

    @Test
    void shouldOpenALongChain() throws IOException {
        Path path = Files.write(folder.resolve("0"), new byte[] {42});
        ImageFormat format = ImageFormat.RAW;
        for (int i = 1; i <= 60; i++) {
            path = qcow2(Integer.toString(i), Integer.toString(i - 1), format);
            format = ImageFormat.QCOW2;
        }
        try (DiskImage image = images.open(path, ImageOptions.WRITABLE)) {
            assertEquals(42, TestDisks.read(image, 0, 1)[0]);
        }
    }

    @Test
    void shouldOpenBackingFilesByTheirNames() throws IOException {
        Path base = Files.write(folder.resolve("base"), new byte[] {42});
        for (String name : List.of("base", "./base", "../" + folder.getFileName() + "/base", base.toString(),
                "file:" + base,
                "json:{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"" + base + "\"}}",
                "json:{\"file.filename\":\"" + base + "\"}")) {
            try (DiskImage image = images.open(qcow2("top", name, ImageFormat.RAW), ImageOptions.WRITABLE)) {
                assertEquals(42, TestDisks.read(image, 0, 1)[0], name);
            }
        }
    }

    @Test
    @DisplayName("properties choose the backing image whatever the image stores, or none")
    void shouldOpenTheBackingImageThatPropertiesName() throws IOException {
        Files.write(folder.resolve("base"), new byte[] {42});
        Files.write(folder.resolve("other"), new byte[] {43});
        String stored = qcow2("stored", "base", ImageFormat.RAW).toString();
        String alone = qcow2("alone", null, null).toString();
        String other = ",\"backing\":{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\""
                + folder.resolve("other") + "\"}}";

        assertEquals(List.of(42, 43, 0, 43), List.of(firstByte(stored, ""), firstByte(stored, other),
                firstByte(stored, ",\"backing\":null"), firstByte(alone, other)));
        assertEquals(42, firstByte(stored, ",\"backing\":{\"driver\":\"raw\"}"), "the stored one, by a driver");
        DiskException e = assertThrows(DiskException.class, () -> firstByte(stored, ",\"backing\":\"node\""));
        assertTrue(e.getMessage().contains("Cannot find device='node'"), e.getMessage());
    }

    private int firstByte(String path, String more) throws IOException {
        ImageDescription image = ImageDescription.parse("json:{\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\","
                + "\"filename\":\"" + path + "\"}" + more + "}");
        try (DiskImage disk = images.open(image, ImageOptions.READ_ONLY)) {
            return TestDisks.read(disk, 0, 1)[0];
        }
    }

    @Test
    void shouldRefuseBackingFilesThatAreNone() {
        assertRefused(Kind.INVALID_OPTION, "Must specify either driver or file",
                qcow2("a", "json:{\"filename\":\"x\"}", ImageFormat.RAW), ImageOptions.WRITABLE);
        assertRefused(Kind.UNKNOWN_PROTOCOL, "Unknown protocol 'zz'", qcow2("b", "zz:unix:/x", ImageFormat.RAW),
                ImageOptions.WRITABLE);
        assertRefused(Kind.UNUSABLE, "is a directory", qcow2("d", "/tmp", ImageFormat.RAW), ImageOptions.WRITABLE);
        assertRefused(Kind.UNUSABLE, "no file has such a name",
                qcow2("c", "json:{\"driver\":\"file\",\"filename\":\"x\\u0000y\"}", ImageFormat.RAW),
                ImageOptions.WRITABLE);
        Path top = qcow2("e", "missing.raw", ImageFormat.RAW);
        DiskException e = assertThrows(DiskException.class, () -> images.open(top, ImageOptions.WRITABLE));
        assertEquals(Kind.NOT_FOUND, e.kind());
        assertEquals(top.toString(), e.image());
        assertEquals(Optional.of(folder.resolve("missing.raw").toString()), e.backingFile());
        assertEquals("disk image " + top + ": its backing file " + folder.resolve("missing.raw")
                + ": no such file or directory", ErrorText.of(e).orElseThrow());
    }

    @Test
    void shouldFindOutFormatsWhateverFilesAreCalled() throws IOException {
        Path named = qcow2("disk.img", null, null);
        Path raw = Files.write(folder.resolve("disk.qcow2"), new byte[SIZE]);
        try (DiskImage first = images.open(named, ImageOptions.WRITABLE);
                DiskImage second = images.open(raw, ImageOptions.WRITABLE)) {
            assertEquals(ImageFormat.QCOW2, first.format());
            assertEquals(ImageFormat.RAW, second.format());
        }
        try (DiskImage told = images.open(named, ImageOptions.WRITABLE.withFormat(ImageFormat.RAW))) {
            assertEquals(ImageFormat.RAW, told.format(), "the user knows better");
        }
        assertRefused(Kind.UNUSABLE, "not a qcow2 image", raw, ImageOptions.WRITABLE.withFormat(ImageFormat.QCOW2));
        try (DiskImage top = images.open(qcow2("top", "disk.img", null), ImageOptions.WRITABLE)) {
            assertEquals(ImageFormat.QCOW2, top.backing().format());
        }
    }

    @Test
    @DisplayName("a guest that writes a header into a raw disk whose format was guessed gets an error")
    void shouldGuardTheFirstSectorOfADiskThatIsGuessedToBeRaw() throws IOException {
        Path disk = Files.write(folder.resolve("disk"), new byte[SIZE]);
        byte[] header = Files.readAllBytes(qcow2("evil", "/etc/hostname", ImageFormat.RAW));
        List<String> guessed = new ArrayList<>();
        DiskImages guarding = new DiskImages(new FfmSyscalls(), Map.of(), guessed::add);
        try (DiskImage image = guarding.open(disk, ImageOptions.WRITABLE)) {
            assertThrows(IOException.class, () -> TestDisks.write(image, 0, header));
            TestDisks.write(image, 0, header[0], header[1]);
            assertThrows(IOException.class, () -> TestDisks.write(image, 2, header[2], header[3]));
            TestDisks.write(image, 512, header);
            TestDisks.write(image, 4, header[4]);
        }
        assertEquals(List.of(disk.toString()), guessed);
        guarding.open(disk, ImageOptions.READ_ONLY).close();
        guarding.open(disk, ImageOptions.WRITABLE.withTemporary(true)).close();
        try (DiskImage image = guarding.open(disk, ImageOptions.WRITABLE.withFormat(ImageFormat.RAW))) {
            TestDisks.write(image, 0, header);
            assertArrayEquals(header, TestDisks.read(image, 0, header.length));
        }
        assertEquals(1, guessed.size(), "it cannot be written, or its format is told");
    }

    @Test
    void shouldThrowWritesToATemporaryImageAway() throws IOException {
        Path disk = folder.resolve("disk.img");
        byte[] content = TestDisks.randomBytes(1, SIZE);
        Files.write(disk, content);
        try (DiskImage image = images.open(disk, ImageOptions.WRITABLE.withTemporary(true))) {
            RandomRequests requests = new RandomRequests(image, content, 1, 100_000);
            for (int i = 0; i < 60; i++) {
                requests.step();
            }
            image.flush();
            requests.verify();
            assertFalse(image.isReadOnly());
        }
        assertArrayEquals(content, Files.readAllBytes(disk));
    }

    @Test
    void shouldAdviseWhatOpensAFileThatMayNotBeWritten() {
        FaultySyscalls kernel = FaultySyscalls.over(new FfmSyscalls());
        Path disk = qcow2("a.qcow2", null, null);
        for (Errno errno : List.of(Errno.EACCES, Errno.EROFS)) {
            kernel.failNext(SyscallNumber.OPEN, errno).failNext(SyscallNumber.OPEN, errno);
            DiskException writing = assertThrows(DiskException.class, () ->
                    new DiskImages(kernel).open(disk, ImageOptions.WRITABLE));
            assertEquals(Kind.NOT_WRITABLE, writing.kind());
            assertEquals("disk image " + disk + ": " + errno.text() + "; readonly=on uses it without writing to it",
                    ErrorText.of(writing).orElseThrow());
            DiskException reading = assertThrows(DiskException.class, () ->
                    new DiskImages(kernel).open(disk, ImageOptions.READ_ONLY));
            assertEquals(Kind.UNUSABLE, reading.kind());
            assertFalse(ErrorText.of(reading).orElseThrow().contains("readonly"));
        }
    }

    @Test
    void shouldKeepATemporaryImageReadOnlyIfItIs() throws IOException {
        Path disk = qcow2("a.qcow2", null, null);
        try (DiskImage image = images.open(disk, ImageOptions.READ_ONLY.withTemporary(true))) {
            assertTrue(image.isReadOnly());
        }
    }

    @Test
    void shouldPutTemporaryImagesWhereTheUserWants() {
        assertEquals(Path.of("/elsewhere"), DiskImages.temporaryFolder("/elsewhere"));
        assertTrue(Files.isWritable(DiskImages.temporaryFolder(null)));
        assertEquals(DiskImages.temporaryFolder(null), DiskImages.temporaryFolder(""));
    }

    @Test
    void shouldLeaveAnImageAloneInWhosePlaceNoneCanBeMade() throws IOException {
        Path image = qcow2("a.qcow2", null, null);
        byte[] before = Files.readAllBytes(image);
        CreateValues tooLarge = TestDisks.options(1L << 40, 512, 3, false);
        CreateValues tooLong = TestDisks.options(SIZE, 512, 3, false).withBacking("x".repeat(500), ImageFormat.RAW);
        for (CreateValues options : List.of(tooLarge, tooLong)) {
            assertThrows(DiskException.class, () -> images.create(image, ImageFormat.QCOW2, options));
            assertArrayEquals(before, Files.readAllBytes(image));
        }
    }

    @Test
    void shouldLeaveNoFileBehindThatItCannotFill() throws IOException {
        FaultySyscalls kernel = FaultySyscalls.over(new FfmSyscalls());
        Path path = folder.resolve("new.qcow2");
        kernel.failNext(SyscallNumber.PWRITE64, Errno.ENOSPC);
        assertThrows(DiskException.class, () -> new DiskImages(kernel).create(path, ImageFormat.QCOW2,
                CreateValues.ofSize(SIZE)));
        assertFalse(Files.exists(path));
        kernel.failNext(SyscallNumber.FTRUNCATE, Errno.EFBIG);
        assertThrows(DiskException.class, () -> new DiskImages(kernel).create(path, ImageFormat.RAW,
                CreateValues.ofSize(SIZE)));
        assertFalse(Files.exists(path));
    }

    @Test
    void shouldPadTheLastSectorOfARawFile() throws IOException {
        Path disk = Files.write(folder.resolve("disk.img"), new byte[] {1, 2, 3});
        try (DiskImage image = images.open(disk, ImageOptions.WRITABLE)) {
            assertEquals(512, image.capacity());
            assertArrayEquals(new byte[] {2, 3, 0, 0}, TestDisks.read(image, 1, 4));
            TestDisks.write(image, 511, (byte) 7);
            assertEquals(7, TestDisks.read(image, 511, 1)[0]);
        }
        assertEquals(512, Files.size(disk));
    }

    @Test
    void shouldRefuseWritesOutsideAndToReadOnlyImages() throws IOException {
        Path disk = qcow2("a.qcow2", null, null);
        try (DiskImage image = images.open(disk, ImageOptions.READ_ONLY)) {
            assertTrue(image.isReadOnly());
            assertThrows(IllegalStateException.class, () -> TestDisks.write(image, 0, (byte) 1));
            assertThrows(IllegalStateException.class, () -> image.discard(0, 512));
            assertThrows(IndexOutOfBoundsException.class, () -> TestDisks.read(image, SIZE - 1, 2));
            image.flush();
        }
        try (DiskImage image = images.open(disk, ImageOptions.WRITABLE)) {
            assertThrows(IndexOutOfBoundsException.class, () -> TestDisks.write(image, SIZE, (byte) 1));
            assertThrows(IndexOutOfBoundsException.class, () -> image.writeZeroes(-1, 1, true));
            assertThrows(IndexOutOfBoundsException.class, () -> image.discard(1, Long.MAX_VALUE));
        }
        assertRefused(Kind.NOT_FOUND, "no such file", folder.resolve("missing.img"), ImageOptions.READ_ONLY);
    }

    @Test
    void shouldRepairLazyRefcountsWhenItIsOpened() throws IOException {
        MemoryFile file = TestDisks.create(TestDisks.options(SIZE, 4096, 3, true));
        DiskImage image = TestDisks.open(file);
        TestDisks.write(image, 0, TestDisks.randomBytes(1, 100_000));
        image.flush();
        MemoryFile left = new MemoryFile(file.content());
        assertTrue(TestDisks.isDirty(left));
        assertTrue(TestDisks.check(left, new ArrayList<>()).corruptions() > 0);
        assertArrayEquals(TestDisks.randomBytes(1, 100_000),
                TestDisks.read(TestDisks.open(left, null, true), 0, 100_000));

        TestDisks.open(left).close();

        assertFalse(TestDisks.isDirty(left));
        TestDisks.assertClean(left);
    }
}
