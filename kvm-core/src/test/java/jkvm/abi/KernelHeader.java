package jkvm.abi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Asks the system's C compiler what {@code <linux/kvm.h>} says. */
final class KernelHeader {
    private KernelHeader() {
    }

    /** True where a program that includes the header compiles. */
    static boolean isPresent(Path directory) throws IOException, InterruptedException {
        try {
            return compile(directory, "int main(void) { return 0; }").waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Evaluates C expressions. Those whose guard the header does not define are left out of the result. */
    static Map<String, Long> evaluate(Path directory, Map<String, String> guardByExpression)
            throws IOException, InterruptedException {
        StringBuilder body = new StringBuilder("int main(void) {\n");
        guardByExpression.forEach((expression, guard) -> {
            String print = "    printf(\"%%s=%%llu\\n\", \"%s\", (unsigned long long)(%s));\n"
                    .formatted(expression, expression);
            body.append(guard.isEmpty() ? print : "#ifdef " + guard + "\n" + print + "#endif\n");
        });
        body.append("    return 0;\n}\n");
        Process compiler = compile(directory, body.toString());
        String messages = new String(compiler.getInputStream().readAllBytes());
        if (compiler.waitFor() != 0) {
            throw new IOException(messages);
        }
        Map<String, Long> values = new LinkedHashMap<>();
        for (String line : run(directory.resolve("abi").toString())) {
            int equals = line.lastIndexOf('=');
            values.put(line.substring(0, equals), Long.parseUnsignedLong(line.substring(equals + 1)));
        }
        return values;
    }

    private static Process compile(Path directory, String body) throws IOException {
        Path source = Files.writeString(directory.resolve("abi.c"),
                "#include <stddef.h>\n#include <stdio.h>\n#include <linux/kvm.h>\n" + body);
        return new ProcessBuilder("cc", "-o", directory.resolve("abi").toString(), source.toString())
                .redirectErrorStream(true).start();
    }

    private static List<String> run(String program) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(program).start();
        List<String> lines = new String(process.getInputStream().readAllBytes()).lines().toList();
        if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(program + " failed");
        }
        return lines;
    }
}
