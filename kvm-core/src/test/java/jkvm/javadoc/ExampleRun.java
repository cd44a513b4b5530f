package jkvm.javadoc;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles examples in memory and runs them, with assertions on. They see the public types of the API's packages. */
public final class ExampleRun {
    private static final String NAME = "Example";
    private static final List<String> IMPORTS = List.of("java.lang.foreign", "java.nio.file", "java.time",
            "java.util", "jkvm.abi", "jkvm.linux", "jkvm.memory", "jkvm.vm", "jkvm.soft", "jkvm.state", "jkvm.work",
            "jkvm.bus", "jkvm.host.chardev", "jkvm.device.testdev", "jkvm.machine", "jkvm.machine.config",
            "jkvm.machine.run", "jkvm.machine.snapshot", "jkvm.control.guest");

    private final Example example;

    public ExampleRun(Example example) {
        this.example = example;
    }

    /** @throws AssertionError that names file and line if the example does not compile or an assertion in it fails */
    public void run() throws Exception {
        Loader loader = new Loader(compile());
        try {
            ((Runnable) loader.loadClass(NAME).getConstructor().newInstance()).run();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(example + ": " + e, e);
        }
    }

    private Map<String, ByteArrayOutputStream> compile() throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(problems, null, null);
                Outputs outputs = new Outputs(files)) {
            boolean compiles = compiler.getTask(null, outputs, problems, List.of("-proc:none"), null,
                    List.of(new Source(text()))).call();
            if (!compiles) {
                Diagnostic<?> first = problems.getDiagnostics().getFirst();
                throw new AssertionError("%s:%d: %s".formatted(example.source(),
                        example.line() + first.getLineNumber() - 2, first.getMessage(null)));
            }
            return outputs.classes;
        }
    }

    /** The example's first line is the second of the text. */
    private String text() {
        StringBuilder text = new StringBuilder();
        for (String name : IMPORTS) {
            text.append(isPresent(name) ? "import " + name + ".*; " : "");
        }
        String code = String.join("\n", example.code());
        String head = "public class " + NAME + " implements Runnable { ";
        if (example.declaresTypes()) {
            return text + head + "public void run() { }\n" + code + "\n}";
        }
        return text + head + "public void run() {\n" + code + "\n} }";
    }

    /** Devices' packages are absent from the tests of the modules below them. */
    private static boolean isPresent(String packageName) {
        return packageName.startsWith("java.")
                || ExampleRun.class.getResource("/" + packageName.replace('.', '/')) != null;
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String text) {
            super(URI.create("string:///" + NAME + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private static final class Outputs extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> classes = new HashMap<>();

        Outputs(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(Location location, String className, JavaFileObject.Kind kind,
                FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + className), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return classes.computeIfAbsent(className, name -> new ByteArrayOutputStream());
                }
            };
        }
    }

    private static final class Loader extends ClassLoader {
        private final Map<String, ByteArrayOutputStream> classes;

        Loader(Map<String, ByteArrayOutputStream> classes) {
            super(ExampleRun.class.getClassLoader());
            this.classes = classes;
            setDefaultAssertionStatus(true);
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            if (!classes.containsKey(name)) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = classes.get(name).toByteArray();
            return defineClass(name, bytes, 0, bytes.length);
        }
    }
}
