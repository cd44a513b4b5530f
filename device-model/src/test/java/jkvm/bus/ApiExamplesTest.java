package jkvm.bus;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jkvm.javadoc.Example;
import jkvm.javadoc.ExampleRun;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples in the Javadoc of the machine and of what its devices are made of, on the KVM in Java. */
@Timeout(60)
class ApiExamplesTest {
    private static final Path SOURCES = Path.of("../device-model/src/main/java/jkvm");

    static List<Example> examples() throws Exception {
        List<Example> examples = new ArrayList<>();
        for (String name : List.of("bus/AddressSpace", "bus/IoHandler", "bus/Device", "control/guest/Guest",
                "control/guest/GuestTemplate",
                "machine/Machine", "machine/config/MachineConfig", "machine/config/DeviceConfig",
                "machine/run/ExitDispatcher")) {
            examples.addAll(Example.of(SOURCES.resolve(name + ".java")));
        }
        return examples;
    }

    @ParameterizedTest
    @MethodSource("examples")
    void shouldCompileAndRun(Example example) throws Exception {
        new ExampleRun(example).run();
    }
}
