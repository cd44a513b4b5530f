package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpioWriterTest {
    private static final int HEADER_LENGTH = 110;

    @Test
    void shouldWriteHeaderNameAndContentEachPaddedToFourBytes() throws IOException {
        byte[] archive = archive(cpio -> cpio.file("a", 0644, new byte[] {1, 2, 3}));
        String header = new String(archive, 0, HEADER_LENGTH, StandardCharsets.US_ASCII);
        assertEquals("070701" + "00000001" + "000081a4" + "00000000" + "00000000" + "00000001" + "00000000" + "00000003"
                + "00000000" + "00000000" + "00000000" + "00000000" + "00000002" + "00000000", header);
        assertArrayEquals(new byte[] {'a', 0, 1, 2, 3, 0},
                Arrays.copyOfRange(archive, HEADER_LENGTH, HEADER_LENGTH + 6));
    }

    @Test
    void shouldEndWithTheTrailer() throws IOException {
        byte[] archive = archive(cpio -> { });
        String name = new String(archive, HEADER_LENGTH, 11, StandardCharsets.US_ASCII);
        assertEquals("TRAILER!!!\0", name);
        assertEquals(0, archive.length % 4);
    }

    @Test
    void shouldBeReadBackByCpio(@TempDir Path folder) throws Exception {
        LabTools tools = new LabTools(System.getenv("PATH"));
        assumeTrue(tools.find("cpio").isPresent(), "no cpio on the PATH");
        byte[] content = new byte[4097];
        content[4096] = 7;
        Path file = folder.resolve("archive");
        Files.write(file, archive(cpio -> {
            cpio.folder("d");
            cpio.file("d/one", 0600, content);
            cpio.link("d/two", "one");
        }));
        tools.run(folder, List.of("cpio", "-i", "--quiet", "-F", file.toString()));
        assertArrayEquals(content, Files.readAllBytes(folder.resolve("d/one")));
        assertEquals(Path.of("one"), Files.readSymbolicLink(folder.resolve("d/two")));
    }

    private interface Content {
        void writeTo(CpioWriter cpio) throws IOException;
    }

    private static byte[] archive(Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (CpioWriter cpio = new CpioWriter(bytes)) {
            content.writeTo(cpio);
        }
        return bytes.toByteArray();
    }
}
