package jkvm.control.trace;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jkvm.abi.KvmExit;
import jkvm.bus.AccessWatch;
import jkvm.bus.AddressSpace;
import jkvm.bus.IoHandler;
import jkvm.host.HostException;
import jkvm.inspect.ExitPlace;
import jkvm.inspect.ExitStatistics;
import jkvm.inspect.RegisterDump;
import jkvm.inspect.TraceEvents;
import jkvm.linux.Fd;
import jkvm.linux.Terminal;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineExit;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.run.VcpuObserver;
import jkvm.soft.Accelerator;
import jkvm.soft.SoftOptions;
import jkvm.soft.observe.SoftObserver;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;

/**
 * Writes down what a {@link LogConfig} asks for of one machine: its accelerator is opened with {@link #options}, its
 * builder is {@linkplain #prepare prepared}, and it is attached before it runs. Closed after the machine.
 */
public final class Tracing implements AutoCloseable {
    private static final String EXIT_EVENT = "kvm_run_exit";

    private final LogConfig config;
    private final LogFile log;
    private final TraceEvents events;
    private final Optional<GuestErrors> guestErrors;
    private final List<RunView> views = new ArrayList<>();
    private final PrintStream err;
    /** The terminal that standard error leads to, if it does and exits are counted. */
    private Optional<Fd> terminal = Optional.empty();
    private final Map<Integer, ExitStatistics> exits = new ConcurrentHashMap<>();
    /** Null until there is a machine. */
    private volatile Machine machine;
    /** Null until there is a machine, and without a terminal. */
    private volatile ExitTop top;

    /**
     * Opens the files.
     *
     * @param err gets all of it if there is no file
     * @throws HostException if a file cannot be written
     */
    public Tracing(LogConfig config, PrintStream err) {
        this.config = config;
        this.err = err;
        log = new LogFile(config.file(), err);
        config.exitsJson().ifPresent(path -> write(path, ""));
        events = new TraceEvents(config.events(), config.timestamps() ? line -> log.line(stamp() + line) : log::line);
        guestErrors = has(LogItem.GUEST_ERRORS) ? Optional.of(GuestErrors.listen(log::line)) : Optional.empty();
        openViews(err);
    }

    private void openViews(PrintStream err) {
        try {
            for (ViewConfig view : config.views()) {
                views.add(view.open(err, log::text));
            }
        } catch (HostException e) {
            close();
            throw e;
        }
    }

    /** As QEMU begins them. */
    private static String stamp() {
        Instant now = Instant.now();
        return "%d@%d.%06d:".formatted(ProcessHandle.current().pid(), now.getEpochSecond(),
                TimeUnit.NANOSECONDS.toMicros(now.getNano()));
    }

    /** The names of all events. */
    public static List<String> eventNames() {
        List<String> names = new ArrayList<>(DeviceEvents.names());
        names.add(EXIT_EVENT);
        names.sort(null);
        return names;
    }

    private boolean has(LogItem item) {
        return config.items().contains(item);
    }

    /** True if the exits are counted. */
    public boolean countsExits() {
        return config.exits();
    }

    /**
     * Lets exits be shown live where standard error is a terminal. Before {@link #attach}.
     *
     * @return whether they will be from the start
     */
    public boolean showOn(Fd standardError) {
        if (Terminal.isTerminal(standardError)) {
            terminal = Optional.of(standardError);
        } else if (config.top()) {
            err.println("jkvm: warning: standard error is no terminal: exits are shown at the end only");
        }
        return config.top() && terminal.isPresent();
    }

    /**
     * Begins to show the exits live, or ends that. Any thread may call.
     *
     * @return whether they are shown now
     */
    public boolean toggleTop() {
        ExitTop live = top;
        return live != null && live.toggle();
    }

    /** The options of the KVM in Java, with those who look inside. */
    public SoftOptions options(SoftOptions options) {
        return logsProcessor() || !views.isEmpty() ? options.observedBy(this::observer) : options;
    }

    private boolean logsProcessor() {
        return has(LogItem.INTERRUPTS) || has(LogItem.MMU);
    }

    private SoftObserver observer(int vcpu) {
        List<SoftObserver> observers = new ArrayList<>();
        if (logsProcessor()) {
            observers.add(new ProcessorLog(vcpu, has(LogItem.INTERRUPTS), has(LogItem.MMU), log::line));
        }
        for (RunView view : views) {
            SoftObserver inside = view.inside(vcpu);
            if (inside != null) {
                observers.add(inside);
            }
        }
        return observers.isEmpty() ? null : observers.size() == 1 ? observers.getFirst() : new SoftObservers(observers);
    }

    /** Tells all views which machine is about to be built, and takes the hooks that are asked for; none else. */
    public void prepare(MachineConfig machineConfig, Accelerator accelerator, MachineBuilder builder) {
        if (config.exits() || events.isEnabled(EXIT_EVENT) || has(LogItem.CPU_RESET) || !views.isEmpty()) {
            builder.observer(new Observer());
        }
        for (RunView view : views) {
            view.begins(machineConfig, accelerator);
            view.prepare(builder);
        }
    }

    private final class Observer implements VcpuObserver {
        @Override
        public ExitHandler observe(Vcpu vcpu, ExitHandler handler) {
            ExitHandler seen = handler;
            for (RunView view : views) {
                seen = view.observe(vcpu, seen);
            }
            if (config.exits()) {
                seen = exits.computeIfAbsent(vcpu.id(), _ -> new ExitStatistics()).around(seen);
            }
            return events.isEnabled(EXIT_EVENT) ? telling(seen) : seen;
        }

        @Override
        public void resetting(Vcpu vcpu) {
            if (has(LogItem.CPU_RESET)) {
                log.text("CPU Reset (CPU " + vcpu.id() + ")\n" + RegisterDump.of(vcpu.regs(), vcpu.sregs()));
            }
            for (RunView view : views) {
                view.resetting(vcpu);
            }
        }

        @Override
        public void entering(Vcpu vcpu) {
            for (RunView view : views) {
                view.entering(vcpu);
            }
        }
    }

    private ExitHandler telling(ExitHandler handler) {
        return new ExitHandler() {
            @Override
            public boolean handle(Vcpu vcpu, int reason) {
                events.tell(EXIT_EVENT, "cpu_index %d, reason %d (%s)".formatted(vcpu.id(), reason,
                        KvmExit.name(reason)));
                return handler.handle(vcpu, reason);
            }

            @Override
            public void failed(Vcpu vcpu, RuntimeException cause) {
                handler.failed(vcpu, cause);
            }
        };
    }

    /** Begins to watch the devices of a machine that does not run yet. */
    public void attach(Machine newMachine) {
        machine = newMachine;
        boolean tellsAccesses = DeviceEvents.names().stream().anyMatch(events::isEnabled);
        if (tellsAccesses || !views.isEmpty()) {
            AccessWatch watch = watch(tellsAccesses ? new DeviceEvents(events) : AccessWatch.NONE);
            newMachine.ports().watch(watch);
            newMachine.registers().watch(watch);
        }
        for (RunView view : views) {
            view.attach(newMachine);
        }
        if (terminal.isPresent()) {
            top = new ExitTop(new ExitRates(exits, place -> owner(newMachine, place)), err, terminal.get());
            if (config.top()) {
                toggleTop();
            }
        }
    }

    /** All views around the devices, and {@code last} around them: it tells accesses before they are made. */
    private AccessWatch watch(AccessWatch last) {
        return (handler, owner, start) -> {
            IoHandler seen = handler;
            for (RunView view : views) {
                seen = view.around(seen, owner, start);
            }
            return last.around(seen, owner, start);
        };
    }

    /** The machine has run to its end and is not closed yet. */
    public void ended(MachineExit exit) {
        endTop();
        for (RunView view : views) {
            view.ended(exit);
        }
    }

    /** Prints the table of exits so far. Any thread may call. */
    public void printExits() {
        ExitTop live = top;
        if (live == null) {
            withReport(report -> log.text(report.text()));
        } else {
            live.aside(() -> withReport(report -> log.text(report.text())));
        }
    }

    /** The table of exits so far, empty if they are not counted. Any thread may call. */
    public Optional<String> exitTable() {
        List<String> table = new ArrayList<>();
        withReport(report -> table.add(report.text()));
        return table.stream().findFirst();
    }

    private void endTop() {
        if (top != null) {
            top.close();
        }
    }

    private void withReport(Consumer<ExitReport> action) {
        Machine seen = machine;
        if (config.exits() && seen != null) {
            action.accept(new ExitReport(exits, place -> owner(seen, place)));
        }
    }

    private static String owner(Machine machine, ExitPlace place) {
        AddressSpace space = place.exit().startsWith("IO") ? machine.ports() : machine.registers();
        return place.place() == ExitStatistics.NO_PLACE ? "" : space.ownerOf(place.place());
    }

    private static void write(Path path, String text) {
        try {
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new LogException(path, HostException.reasonOf(e), e);
        }
    }

    /** Writes the tables of a machine that was attached, and closes the files. */
    @Override
    public void close() {
        try {
            endTop();
            printExits();
            withReport(report -> config.exitsJson().ifPresent(path -> write(path, report.json())));
        } finally {
            views.forEach(RunView::close);
            guestErrors.ifPresent(GuestErrors::close);
            log.close();
        }
    }
}
