package jkvm.control.report;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import jkvm.boot.ElfSymbols;
import jkvm.bus.AddressSpace;
import jkvm.control.trace.RunView;
import jkvm.host.HostException;
import jkvm.inspect.ExitPlace;
import jkvm.inspect.ExitStatistics;
import jkvm.inspect.ExitTimeline;
import jkvm.machine.Machine;
import jkvm.machine.MachineEvent;
import jkvm.machine.MachineExit;
import jkvm.machine.ShutdownCause;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.PlatformConfig;
import jkvm.machine.facts.MachineFacts;
import jkvm.soft.Accelerator;
import jkvm.soft.observe.SoftObserver;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;

/**
 * Collects what a {@link RunReport} shows, and writes its page when the run is over, however it ended. It takes the
 * same memory for a run of any length.
 */
public final class ReportView implements RunView {
    /** More events than these are only counted. */
    private static final int MAX_EVENTS = 1000;

    private final Path file;
    private final PrintStream messages;
    private final Map<Integer, Recorded> vcpus = new ConcurrentSkipListMap<>();
    private final Map<Integer, HeatSamples> heat = new ConcurrentSkipListMap<>();
    private final List<RunReport.Event> events = new ArrayList<>();
    private long lostEvents;
    private final ZonedDateTime started = ZonedDateTime.now(ZoneId.systemDefault());
    /** The machine is whole, as {@link System#nanoTime()} tells it. */
    private long origin = System.nanoTime();
    private MachineConfig config;
    private Accelerator accelerator;
    /** Null until the machine is whole. */
    private Machine machine;
    private ShutdownCause cause;
    /** Null until the machine has ended; what follows is set with it. */
    private MachineExit exit;
    private long runNanos;
    private MachineFacts facts;
    private List<RunReport.Place> places = List.of();
    private Map<Integer, EndState> ends = Map.of();

    /** @param timeline the same exits by their time */
    private record Recorded(ExitStatistics exits, ExitTimeline timeline) {
    }

    /**
     * Checks that the file can be written, and leaves it as it is until the end.
     *
     * @param file     gets the page
     * @param messages gets a line where that is not possible
     * @throws ReportException if that shows now
     */
    public ReportView(Path file, PrintStream messages) {
        ReportFile.check(file);
        this.file = file;
        this.messages = messages;
    }

    @Override
    public SoftObserver inside(int vcpu) {
        return heat.computeIfAbsent(vcpu, _ -> new HeatSamples());
    }

    @Override
    public void begins(MachineConfig machineConfig, Accelerator opened) {
        config = machineConfig;
        accelerator = opened;
    }

    @Override
    public ExitHandler observe(Vcpu vcpu, ExitHandler handler) {
        ExitTimeline timeline = new ExitTimeline(origin);
        Recorded recorded = new Recorded(new ExitStatistics(timeline), timeline);
        vcpus.put(vcpu.id(), recorded);
        return recorded.exits.around(handler);
    }

    @Override
    public void attach(Machine newMachine) {
        machine = newMachine;
        origin = System.nanoTime();
        vcpus.values().forEach(recorded -> recorded.exits.begin(origin));
        machine.addListener(this::happened);
    }

    /** On the machine's thread. */
    private void happened(MachineEvent event) {
        if (event.type() == MachineEvent.Type.SHUTDOWN) {
            cause = event.cause();
        }
        if (events.size() < MAX_EVENTS) {
            events.add(new RunReport.Event(System.nanoTime() - origin, event.type().toString(),
                    event.cause() == null ? "" : event.cause().text()));
        } else {
            lostEvents++;
        }
    }

    @Override
    public void ended(MachineExit machineExit) {
        long now = System.nanoTime();
        runNanos = now - origin;
        vcpus.values().forEach(recorded -> recorded.exits.end(now));
        exit = machineExit;
        facts = machine.facts();
        places = ExitStatistics.places(statistics()).stream().map(this::place).toList();
        ends = EndState.of(machine.debug());
    }

    private List<ExitStatistics> statistics() {
        return vcpus.values().stream().map(Recorded::exits).toList();
    }

    private RunReport.Place place(ExitPlace exits) {
        if (exits.place() == ExitStatistics.NO_PLACE) {
            return new RunReport.Place(exits, "", "");
        }
        AddressSpace space = exits.exit().startsWith("IO ") ? machine.ports() : machine.registers();
        return new RunReport.Place(exits, space.ownerOf(exits.place()), space.registerAt(exits.place()));
    }

    /** Writes the page of a machine that was built. */
    @Override
    public void close() {
        if (machine == null) {
            return;
        }
        try {
            ReportFile.write(file, ReportPage.of(report()));
        } catch (IOException e) {
            refuse(HostException.reasonOf(e));
        } catch (RuntimeException e) {
            // A defect of the page is no reason to take the guest's exit code away.
            refuse(e.toString());
        }
    }

    private void refuse(String reason) {
        messages.println("jkvm: -trace report=" + file + ": the report cannot be written: " + reason);
    }

    private RunReport report() {
        long nanos = exit == null ? System.nanoTime() - origin : runNanos;
        List<RunReport.VcpuRun> runs = new ArrayList<>();
        vcpus.forEach((id, recorded) -> {
            EndState end = ends.getOrDefault(id, EndState.UNKNOWN);
            runs.add(new RunReport.VcpuRun(id, recorded.timeline, end.registers(), end.code()));
        });
        return new RunReport(guest(), about(), ending(), nanos, runs, ExitStatistics.costs(statistics()), places,
                events, lostEvents, Optional.ofNullable(facts), heat());
    }

    private String guest() {
        BootConfig boot = config.boot();
        String name = config.platform().name();
        if (!name.isEmpty()) {
            return name;
        }
        return boot.kernel().or(() -> boot.firmware().rom()).map(path -> path.getFileName().toString())
                .orElse("guest");
    }

    private Map<String, String> about() {
        PlatformConfig platform = config.platform();
        BootConfig boot = config.boot();
        Map<String, String> about = new LinkedHashMap<>();
        about.put("Machine", platform.type().text() + ", " + platform.cpus() + (platform.cpus() == 1 ? " CPU" : " CPUs")
                + " (" + platform.cpu().model() + "), " + Numbers.bytes(platform.memoryBytes()) + " RAM");
        about.put("Started", started.truncatedTo(ChronoUnit.SECONDS)
                .format(DateTimeFormatter.ISO_LOCAL_DATE_TIME).replace('T', ' ') + " " + started.getOffset());
        about.put("Accelerator", accelerator.kind().text() + ": " + accelerator.kind().description().split(":")[0]);
        about.put("Ended", (cause == null ? "jkvm failed" : cause.text())
                + (exit == null ? "" : ", exit code " + (exit.status() & 0xFF)));
        about.put("Host", HostText.host());
        about.put("JDK", HostText.jdk());
        boot.kernel().ifPresent(kernel -> about.put("Kernel", kernel.toString()));
        if (boot.usesFirmware()) {
            boot.firmware().rom().ifPresent(rom -> about.put("Firmware", rom.toString()));
        } else if (config.usesBuiltInBios()) {
            about.put("Firmware", "the built-in BIOS");
        }
        if (!boot.commandLine().isEmpty()) {
            about.put("Command line", boot.commandLine());
        }
        config.time().counting().ifPresent(_ -> about.put("Time", "counted in instructions; this page has the host's"));
        return about;
    }

    private String ending() {
        return exit == null ? "The run was broken off before the guest had ended." : exit.report().strip();
    }

    private Optional<RunReport.Heat> heat() {
        if (heat.isEmpty() || accelerator.kind() != Accelerator.Kind.SOFT) {
            return Optional.empty();
        }
        TreeMap<Long, Long> addresses = new TreeMap<>(Long::compareUnsigned);
        long elsewhere = 0;
        long user = 0;
        long total = 0;
        for (HeatSamples samples : heat.values()) {
            samples.addTo(addresses);
            elsewhere += samples.elsewhere();
            user += samples.user();
            total += samples.total();
        }
        ElfSymbols symbols = config.boot().kernel().map(ElfSymbols::read).orElse(ElfSymbols.NONE);
        return Optional.of(new RunReport.Heat(addresses, elsewhere, user, total, symbols));
    }
}
