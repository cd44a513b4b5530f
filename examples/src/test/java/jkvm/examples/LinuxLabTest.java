package jkvm.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import jkvm.app.lab.LabKernel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lesson 24 with Debian's kernel. */
@Tag("lab")
@Timeout(120)
class LinuxLabTest {

    @Test
    void shouldBootDebiansKernelToItsFirstLines() throws Exception {
        // given
        LabKernel kernel = LabKernel.cloud(System.err::println);
        PrintStream before = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));

        // when
        try {
            Lesson24Linux.main(new String[] {"soft", kernel.image().toString()});
        } finally {
            System.setOut(before);
        }

        // then
        String printed = captured.toString(StandardCharsets.UTF_8);
        assertTrue(printed.startsWith("boot protocol 2."), printed);
        assertTrue(printed.contains("] Linux version "), printed);
        assertTrue(printed.contains("] Command line: earlyprintk=ttyS0 console=ttyS0\r\n"), printed);
    }
}
