package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.app.options.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabArgumentsTest {

    @Test
    void shouldTakeOptionsBeforeTheSeparatorAndLeaveTheRestAlone() {
        LabArguments parsed = LabArguments.parse(
                List.of("--cpus", "3", "--memory", "2G", "--", "--exec", "-m", "64", "--"));
        assertEquals(3, parsed.options().cpus());
        assertEquals(2048, parsed.options().mebibytes());
        assertEquals(List.of("--exec", "-m", "64", "--"), parsed.words());
        assertFalse(parsed.exec());
    }

    @Test
    void shouldRunAnyCommandOnRequest() {
        assertTrue(LabArguments.parse(List.of("--exec", "--", "true")).exec());
    }

    @Test
    void shouldWriteAGuestInPlaceOfRunningAnything() {
        LabArguments parsed = LabArguments.parse(List.of("--guest", "a folder"));
        assertEquals(Optional.of(Path.of("a folder")), parsed.guest());
        assertEquals(List.of(), parsed.words());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--", "--guest", "-kernel x", "--cpus", "--cpus 0 -- x", "--cpus 99 -- x",
            "--memory 1M -- x", "--memory 9999999G -- x", "--memory lots -- x"})
    void shouldRefuseInOneLine(String line) {
        List<String> arguments = line.isEmpty() ? List.of() : List.of(line.split(" "));
        String message = assertThrows(UsageException.class, () -> LabArguments.parse(arguments)).getMessage();
        assertTrue(message.startsWith("lab: "), message);
        assertEquals(1, message.lines().count());
    }
}
