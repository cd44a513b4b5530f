package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jkvm.app.img.ImgCommand;
import jkvm.machine.config.DeviceTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** QEMU's rule for ids, wherever one is read: in each line the id stands for {@code ID}. */
class IdentifierTest {
    private static final List<String> WRONG = List.of("", "1x", "-x", ".x", "a b", "a/b", "ä", "a:b", "#net0");
    private static final String MESSAGE =
            "property id expects an identifier: letters, digits, '-', '.', '_', starting with a letter";
    private static final List<String> RIGHT = List.of("a", "Z", "a1", "a-b.c_d");

    /** The line that the user gets; empty where the id is taken. */
    private static String error(String line, String id) {
        List<String> words = List.of(("-kernel k -nodefaults " + line).split(" ")).stream()
                .map(word -> word.replace("ID", id)).toList();
        try {
            QemuOptions.parse(words, DeviceTypes.builtIn());
            return "";
        } catch (UsageException e) {
            return e.getMessage();
        }
    }

    @Test
    void shouldTakeIdentifiersOnlyForTheSecretsOfImages() {
        List<String> words = List.of("info", "--object", "secret,id=1x,data=a", "f");

        UsageException e = assertThrows(UsageException.class, () -> ImgCommand.run(words, System.out, System.err));

        assertTrue(e.getMessage().endsWith(MESSAGE), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "-device virtio-rng-pci,id=ID",
        "-drive if=none,id=ID,file=/dev/null,format=raw",
        "-chardev null,id=ID",
        "-netdev user,id=ID",
        "-nic user,id=ID",
        "-net user,id=ID -net nic",
        "-net nic,id=ID -net user",
        "-object rng-builtin,id=ID",
        "-object filter-dump,id=ID,netdev=a,file=f -netdev user,id=a -device e1000,netdev=a",
        "-fsdev local,id=ID,path=/tmp,security_model=none",
        "-tpmdev passthrough,id=ID",
        "-mon chardev=a,id=ID -chardev null,id=a"})
    void shouldTakeIdentifiersOnly(String line) {
        for (String id : WRONG) {
            String error = error(line, id);
            assertTrue(error.endsWith(MESSAGE), line + ": " + error);
        }
        for (String id : RIGHT) {
            String error = error(line, id);
            assertTrue(error.isEmpty() || error.startsWith("not yet: "), line + ": " + error);
        }
    }
}
