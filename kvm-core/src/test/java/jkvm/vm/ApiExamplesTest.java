package jkvm.vm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jkvm.javadoc.Example;
import jkvm.javadoc.ExampleRun;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples in the Javadoc of the classes that users program against, on the KVM in Java. */
@Timeout(60)
class ApiExamplesTest {
    private static final Path SOURCES = Path.of("../kvm-core/src/main/java/jkvm");

    static List<Example> examples() throws Exception {
        List<Example> examples = new ArrayList<>();
        for (String name : List.of("vm/Kvm", "vm/Vm", "vm/Vcpu", "vm/VcpuThread", "memory/GuestMemory")) {
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
