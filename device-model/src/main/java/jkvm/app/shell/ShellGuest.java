package jkvm.app.shell;

import java.util.List;
import java.util.function.IntSupplier;
import jkvm.control.guest.Guest;

/** Takes a guest into JShell's snippets, which see a program by static names only. */
public final class ShellGuest {
    /** The first snippets of each shell. */
    static final List<String> STARTUP = List.of("import java.io.*;", "import java.nio.file.*;", "import java.time.*;",
            "import java.util.*;", "import java.util.concurrent.*;", "import java.util.function.*;",
            "import java.util.regex.*;", "import java.util.stream.*;", "import jkvm.abi.*;",
            "import jkvm.control.guest.*;", "import jkvm.inspect.*;", "import jkvm.machine.*;",
            "import jkvm.machine.config.*;", "import jkvm.vm.*;",
            "Guest guest = jkvm.app.shell.ShellGuest.current();");

    /** Of the thread in which a shell runs, and of threads that it makes, such as those of snippets. */
    private static final InheritableThreadLocal<Guest> CURRENT = new InheritableThreadLocal<>();

    private ShellGuest() {
    }

    /** The guest of the shell that this thread belongs to. */
    public static Guest current() {
        return CURRENT.get();
    }

    /** Runs a shell whose guest this is. */
    static int during(Guest guest, IntSupplier shell) {
        CURRENT.set(guest);
        try {
            return shell.getAsInt();
        } finally {
            CURRENT.remove();
        }
    }

    /** Options for JShell's tool and its compiler to find jkvm where it is. */
    static List<String> whereabouts() {
        return Guest.class.getModule().isNamed()
                ? List.of("--module-path", System.getProperty("jdk.module.path"), "--add-modules", "jkvm.devices")
                : List.of("--class-path", System.getProperty("java.class.path"));
    }
}
