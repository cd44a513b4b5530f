package jkvm.architecture;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MethodTypeEntry;
import java.lang.classfile.constantpool.NameAndTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which class refers to which, from class files: superclasses, types of fields and methods with their type arguments,
 * and all that code uses. The compiler leaves no trace of a constant that it has copied, nor of an annotation that is
 * for sources only. Names are those of {@link Class#getName()}.
 */
final class References {
    private static final Pattern TYPE_IN_SIGNATURE = Pattern.compile("L([\\w/$]+)[;<]");

    private final Map<String, Set<String>> byClass = new TreeMap<>();

    /** Adds all classes of a folder or jar. */
    void addAll(Path location) throws IOException {
        if (Files.isDirectory(location)) {
            addTree(location);
            return;
        }
        try (FileSystem jar = FileSystems.newFileSystem(location)) {
            addTree(jar.getPath("/"));
        }
    }

    private void addTree(Path root) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(file -> file.toString().endsWith(".class")).toList();
        }
        for (Path file : files) {
            if (!file.endsWith("module-info.class")) {
                add(Files.readAllBytes(file));
            }
        }
    }

    /** Adds one class file. */
    void add(byte[] classFile) {
        ClassModel model = ClassFile.of().parse(classFile);
        String name = model.thisClass().asInternalName().replace('/', '.');
        Set<String> to = byClass.computeIfAbsent(name, _ -> new TreeSet<>());
        for (PoolEntry entry : model.constantPool()) {
            switch (entry) {
                case ClassEntry type -> addClass(type.asInternalName(), to);
                case NameAndTypeEntry member -> addTypes(member.type().stringValue(), to);
                case MethodTypeEntry type -> addTypes(type.descriptor().stringValue(), to);
                default -> {
                    // Numbers, strings, and entries that consist of those above.
                }
            }
        }
        model.fields().forEach(field -> addTypes(field.fieldType().stringValue(), to));
        model.methods().forEach(method -> addTypes(method.methodType().stringValue(), to));
        Stream.concat(Stream.of(model), Stream.concat(model.fields().stream(), model.methods().stream()))
                .flatMap(element -> element.findAttribute(Attributes.signature()).stream())
                .forEach(signature -> addTypes(signature.signature().stringValue(), to));
        to.remove(name);
    }

    /** Adds a reference by hand. */
    References add(String from, String to) {
        byClass.computeIfAbsent(from, _ -> new TreeSet<>()).add(to);
        return this;
    }

    private static void addClass(String internalName, Set<String> to) {
        if (internalName.startsWith("[")) {
            addTypes(internalName, to);
        } else {
            to.add(internalName.replace('/', '.'));
        }
    }

    private static void addTypes(String signature, Set<String> to) {
        Matcher types = TYPE_IN_SIGNATURE.matcher(signature);
        while (types.find()) {
            to.add(types.group(1).replace('/', '.'));
        }
    }

    Map<String, Set<String>> byClass() {
        return byClass;
    }

    static String packageOf(String className) {
        int dot = className.lastIndexOf('.');
        return dot < 0 ? "" : className.substring(0, dot);
    }
}
