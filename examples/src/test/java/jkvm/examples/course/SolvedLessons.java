package jkvm.examples.course;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import jkvm.boot.BootRequest;
import jkvm.bus.AddressSpace;
import jkvm.examples.LessonAccelerator;
import jkvm.guest.GuestImages;
import jkvm.vm.Kvm;

/** All lessons with one exercise of each solved: patched, compiled, and loaded beside the originals. */
final class SolvedLessons extends ClassLoader {
    private static final String PACKAGE = "jkvm.examples.";
    private static final Path TOP = GuestImages.folder("examples", "src/main").resolve("../../..");

    private final Map<String, byte[]> classes = new HashMap<>();

    /** @param exercise 1 to 3 */
    SolvedLessons(int exercise) {
        super(SolvedLessons.class.getClassLoader());
        Map<String, String> texts = sources();
        List<String> changed = new ArrayList<>();
        for (Lesson lesson : Course.LESSONS) {
            Patch patch = new Patch(solution(Course.numberOf(lesson), exercise));
            patch.apply(texts);
            changed.addAll(patch.files());
        }
        compile(changed.stream().distinct().map(file -> new Source(file, texts.get(file))).toList());
    }

    private static Map<String, String> sources() {
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.walk(GuestImages.folder("examples", "src/main/java"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String name = TOP.toAbsolutePath().normalize().relativize(file.toAbsolutePath().normalize()).toString();
                texts.put(name, Files.readString(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return texts;
    }

    private static String solution(int lesson, int exercise) {
        String name = "/jkvm/examples/solutions/%02d-%d.patch".formatted(lesson, exercise);
        try (InputStream in = SolvedLessons.class.getResourceAsStream(name)) {
            assertTrue(in != null, "no solution " + name);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String file, String text) {
            super(URI.create("string:///" + file), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** Keeps the bytes of compiled classes. */
    private static final class Output extends ForwardingJavaFileManager<JavaFileManager> {
        private final Map<String, ByteArrayOutputStream> written = new HashMap<>();

        Output(JavaFileManager files) {
            super(files);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(Location location, String name, JavaFileObject.Kind kind,
                FileObject sibling) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            written.put(name, bytes);
            return new SimpleJavaFileObject(URI.create("memory:///" + name), kind) {
                @Override
                public OutputStream openOutputStream() {
                    return bytes;
                }
            };
        }
    }

    private void compile(List<Source> sources) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String path = String.join(File.pathSeparator, Stream.of(Kvm.class, BootRequest.class, AddressSpace.class,
                LessonAccelerator.class).map(SolvedLessons::folderOf).toList());
        StringWriter messages = new StringWriter();
        try (Output output = new Output(compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8))) {
            boolean compiles = compiler.getTask(messages, output, null,
                    List.of("-proc:none", "-nowarn", "-classpath", path), null, sources).call();
            assertTrue(compiles, messages::toString);
            output.written.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String folderOf(Class<?> type) {
        return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString())).toString();
    }

    /** The lessons are loaded here; the class through which a check watches them is the original. */
    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            if (loaded == null && name.startsWith(PACKAGE) && !name.equals(LessonAccelerator.class.getName())) {
                byte[] bytes = classes.containsKey(name) ? classes.get(name) : original(name);
                loaded = defineClass(name, bytes, 0, bytes.length);
            }
            return loaded == null ? super.loadClass(name, resolve) : loaded;
        }
    }

    private byte[] original(String name) throws ClassNotFoundException {
        try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    /** The solved lesson. */
    Lesson.Main main(Lesson lesson) {
        try {
            MethodHandle main = MethodHandles.publicLookup().findStatic(loadClass(lesson.type().getName()), "main",
                    MethodType.methodType(void.class, String[].class));
            return arguments -> {
                try {
                    main.invoke(arguments);
                } catch (Exception | Error e) {
                    throw e;
                } catch (Throwable e) {
                    throw new AssertionError(e);
                }
            };
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
