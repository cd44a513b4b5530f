package jkvm.boot;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The open files of {@link BootRequest#initrds()}. */
final class BootModules implements AutoCloseable {
    /**
     * One module.
     *
     * @param text     what the user named it by: the path, and after a space the module's own text
     * @param argument the module's own text alone, may be empty
     */
    record Module(BootFile file, String text, String argument) { }

    private final List<Module> modules = new ArrayList<>();

    private BootModules() {
    }

    /** Opens files whose names are plain paths. */
    static BootModules openFiles(List<String> names) {
        return open(names, false);
    }

    /** Opens modules: a name that is no file ends at its first space. */
    static BootModules openModules(List<String> names) {
        return open(names, true);
    }

    private static BootModules open(List<String> names, boolean withText) {
        BootModules opened = new BootModules();
        try {
            for (String name : names) {
                int space = withText && !isFile(name) ? name.indexOf(' ') : -1;
                String path = space < 0 ? name : name.substring(0, space);
                String argument = space < 0 ? "" : name.substring(space + 1);
                opened.modules.add(new Module(BootFile.open(BootException.Role.INITRD, path), name, argument));
            }
            return opened;
        } catch (BootException e) {
            opened.close();
            throw e;
        }
    }

    private static boolean isFile(String name) {
        try {
            return Files.exists(Path.of(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    List<Module> list() {
        return modules;
    }

    @Override
    public void close() {
        for (Module module : modules) {
            module.file.close();
        }
    }
}
