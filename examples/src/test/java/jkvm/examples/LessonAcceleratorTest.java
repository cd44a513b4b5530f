package jkvm.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LessonAcceleratorTest {
    private static String folderOf(Class<?> type) {
        return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString())).toString();
    }

    @Test
    void shouldEndALessonWithOneLineWhereItsArgumentNamesNoKvm() throws Exception {
        // when
        Process lesson = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp",
                folderOf(Accelerators.class) + File.pathSeparator + folderOf(Lesson02PortWrite.class),
                Lesson02PortWrite.class.getName(), "xen").redirectErrorStream(true).start();
        String printed = new String(lesson.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        // then
        assertEquals("jkvm: invalid accelerator xen; there are kvm and soft (or tcg)\n", printed);
        assertEquals(1, lesson.waitFor());
    }
}
