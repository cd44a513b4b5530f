package jkvm.app;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;
import jkvm.app.options.CommandLine;
import jkvm.app.options.DisplayConfig;
import jkvm.app.options.UsageException;
import jkvm.control.display.CursesDisplay;
import jkvm.control.display.GuestScreen;
import jkvm.control.display.PowerSwitch;
import jkvm.control.display.WebDisplay;
import jkvm.control.display.WindowDisplay;
import jkvm.host.display.DisplayHub;
import jkvm.linux.Fd;
import jkvm.linux.Syscalls;
import jkvm.linux.Terminal;
import jkvm.machine.Machine;
import jkvm.machine.ShutdownCause;

/** The place where a command line's user sees the screen. A machine that has none loads no class of it. */
final class Displays implements AutoCloseable {
    private static final int STANDARD_INPUT = 0;
    private static final int STANDARD_OUTPUT = 1;

    private final AutoCloseable display;

    private Displays(AutoCloseable display) {
        this.display = display;
    }

    /**
     * Opens the display that a command line asks for, and says where it is.
     *
     * @throws UsageException if it cannot be opened
     */
    static Displays open(CommandLine line, Machine machine, Syscalls syscalls, PrintStream err) {
        Optional<DisplayHub> hub = machine.display();
        if (!line.display().isShown() || hub.isEmpty()) {
            if (line.display().isShown()) {
                err.println("jkvm: warning: the machine has no display adapter, so that there is no screen; see -vga");
            }
            return new Displays(() -> { });
        }
        String name = machine.config().platform().name();
        GuestScreen screen = new GuestScreen(hub.get(), machine.input(), new Switches(machine),
                name.isEmpty() ? "jkvm" : "jkvm (" + name + ")");
        return new Displays(open(line.display(), screen, syscalls, err));
    }

    private static AutoCloseable open(DisplayConfig display, GuestScreen screen, Syscalls syscalls, PrintStream err) {
        return switch (display) {
            case DisplayConfig.None _ -> () -> { };
            case DisplayConfig.Usual _ -> openUsual(screen, err);
            case DisplayConfig.Curses _ -> openCurses(screen, syscalls, err);
            case DisplayConfig.Web(int port) -> openWeb(screen, port, err);
            case DisplayConfig.Window window -> openWindow(screen, window, err);
        };
    }

    private static AutoCloseable openCurses(GuestScreen screen, Syscalls syscalls, PrintStream err) {
        Fd in = new Fd(syscalls, STANDARD_INPUT, "standard input");
        Fd out = new Fd(syscalls, STANDARD_OUTPUT, "standard output");
        Terminal terminal = Terminal.makeRaw(in, false).orElseThrow(() ->
                new UsageException("-display curses: needs a terminal as standard input and output"));
        err.println("jkvm: the screen is on this terminal; Ctrl-A x ends the machine, Ctrl-A d is Ctrl-Alt-Delete");
        String colours = Optional.ofNullable(System.getenv("COLORTERM")).orElse("");
        return new CursesDisplay(screen, in, out, terminal, colours.equals("truecolor") || colours.equals("24bit"));
    }

    private static AutoCloseable openUsual(GuestScreen screen, PrintStream err) {
        if (DisplayConfig.isOnDesktop() && hasModule("java.desktop") && WindowDisplay.hasDesktop()) {
            return openWindow(screen, new DisplayConfig.Window(false, true), err);
        }
        if (hasModule("jdk.httpserver")) {
            return openWeb(screen, 0, err);
        }
        err.println("jkvm: warning: the screen is shown nowhere: this JDK has no module jdk.httpserver; -vnc :0 shows"
                + " it to VNC viewers");
        return () -> { };
    }

    private static AutoCloseable openWeb(GuestScreen screen, int port, PrintStream err) {
        requireModule("-display web", "jdk.httpserver");
        try {
            WebDisplay web = new WebDisplay(screen, port);
            err.println("jkvm: the screen is at " + web.address());
            return web;
        } catch (IOException e) {
            throw new UsageException("-display web=" + port + ": cannot listen at 127.0.0.1:" + port + ": "
                    + e.getMessage(), e);
        }
    }

    private static AutoCloseable openWindow(GuestScreen screen, DisplayConfig.Window config, PrintStream err) {
        requireModule("-display window", "java.desktop");
        if (!WindowDisplay.hasDesktop()) {
            throw new UsageException("-display window: there is no desktop (DISPLAY is not set, or this JDK is"
                    + " headless); -display web shows the screen in a browser, -display curses on this terminal");
        }
        WindowDisplay window = new WindowDisplay(screen, config.fullScreen(), config.closes());
        err.println("jkvm: the screen is a window; Ctrl-Alt-G takes and frees the mouse, Ctrl-Alt-F fills the screen");
        return window;
    }

    private static void requireModule(String option, String module) {
        if (!hasModule(module)) {
            throw new UsageException(option + ": needs the JDK's module " + module + "; start java with --add-modules "
                    + module + ", as the script jkvm does");
        }
    }

    private static boolean hasModule(String module) {
        return ModuleLayer.boot().findModule(module).isPresent();
    }

    @Override
    public void close() {
        try {
            display.close();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The machine's commands. */
    private record Switches(Machine machine) implements PowerSwitch {
        @Override
        public void pressPower() {
            var _ = machine.powerButton();
        }

        @Override
        public void reset() {
            var _ = machine.reset();
        }

        @Override
        public void quit() {
            machine.quit(ShutdownCause.HOST_UI);
        }
    }
}
