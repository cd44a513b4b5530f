package jkvm.app.options;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import jkvm.control.jfr.FlightConfig;
import jkvm.control.report.ReportView;
import jkvm.control.trace.LogConfig;
import jkvm.control.trace.LogItem;
import jkvm.control.trace.StepConfig;
import jkvm.control.trace.Tracing;
import jkvm.control.trace.ViewConfig;
import jkvm.inspect.TraceEvents;

/** Reads {@code -d}, {@code -D}, {@code -trace} and {@code -msg}. */
final class LogOptions {
    private static final String EVENT_ITEM = "trace:";
    private static final String EXITS = "exits";
    private static final String JFR = "jfr";
    private static final String REPORT = "report";
    private static final String STEP = "step";
    /** Set by the launcher: the user has the JVM record. */
    private static final String RECORDED = "jkvm.jfr";

    private final ConfigBuilder config;
    private final Set<LogItem> items = EnumSet.noneOf(LogItem.class);
    private final List<String> events = new ArrayList<>();
    private Optional<Path> logFile = Optional.empty();
    private Optional<Path> traceFile = Optional.empty();
    private final List<ViewConfig> views = new ArrayList<>();
    /** Null without steps. */
    private StepConfig steps;
    private boolean exits;
    private boolean top;
    private Optional<Path> exitsJson = Optional.empty();
    private MessageFormat messages = MessageFormat.PLAIN;

    LogOptions(ConfigBuilder config) {
        this.config = config;
    }

    /** The list that {@code -d help} and {@code -trace help} ask for. */
    static Optional<String> information(String option, String value) {
        boolean events = option.equals("trace") ? QemuOptions.asksForList(value) : value.equals(EVENT_ITEM + "help");
        if (events) {
            return Optional.of(String.join("\n", Tracing.eventNames()));
        }
        return option.equals("d") && QemuOptions.asksForList(value) ? Optional.of(LogItem.help()) : Optional.empty();
    }

    /** Takes {@code -d}. */
    void items(String text) {
        for (String word : text.split(",")) {
            if (word.startsWith(EVENT_ITEM)) {
                event("-d " + text, word.substring(EVENT_ITEM.length()));
                continue;
            }
            LogItem item = LogItem.named(word).orElseThrow(() -> new UsageException("-d " + text
                    + ": there is no log item '" + word + "'; -d help lists them"));
            if (item.isHere()) {
                items.add(item);
            } else {
                config.notYet("-d " + word, NotYet.DEBUG_LOG);
            }
        }
    }

    /** Takes {@code -D}: a {@code %d} in the name is the process. */
    void file(String text) {
        if (text.replaceFirst("%d", "").contains("%")) {
            throw new UsageException("-D " + text + ": Bad logfile template: " + text + "; one %d may stand for the"
                    + " process");
        }
        logFile = Optional.of(ChardevOptions.path("-D " + text,
                text.replace("%d", Long.toString(ProcessHandle.current().pid()))));
    }

    /** Takes {@code -trace}. */
    void trace(String text) {
        OptionValues values = new OptionValues("-trace", text, "enable");
        Optional<String> pattern = values.take("enable");
        values.take("file").ifPresent(path -> traceFile = Optional.of(file(values, "file", path)));
        values.take("events").ifPresent(path -> eventsOf(values, path));
        Optional<String> json = values.take("json");
        boolean live = values.takeFlag("top", false);
        takeRecording(values);
        takeSteps(values, pattern.equals(Optional.of(STEP)));
        values.take(REPORT).ifPresent(path -> report(file(values, REPORT, path)));
        values.end();
        if (json.isPresent() && !pattern.equals(Optional.of(EXITS))) {
            throw values.error("property json is for " + EXITS);
        }
        if (live && !pattern.equals(Optional.of(EXITS))) {
            throw values.error("property top is for " + EXITS);
        }
        top |= live;
        json.ifPresent(path -> exitsJson = Optional.of(file(values, "json", path)));
        pattern.ifPresent(name -> {
            if (name.equals(EXITS)) {
                exits = true;
            } else if (name.equals(JFR)) {
                views.add(FlightConfig.EVENTS_ONLY);
            } else if (name.equals(REPORT)) {
                throw noName(values, REPORT);
            } else if (!name.equals(STEP)) {
                event(values.where(), name);
            }
        });
    }

    /** {@code jfr=FILE[,settings=NAME]}. */
    private void takeRecording(OptionValues values) {
        Optional<String> file = values.take(JFR);
        Optional<String> settings = values.take("settings");
        if (settings.isPresent() && file.isEmpty()) {
            throw values.error("property settings is for jfr=FILE");
        }
        file.ifPresent(path -> views.add(new FlightConfig(Optional.of(file(values, JFR, path)),
                settings.orElse(FlightConfig.DEFAULT_SETTINGS))));
    }

    /** {@code step[=RANGE][,style=att]}; each further range is one more of the same view. */
    private void takeSteps(OptionValues values, boolean all) {
        Optional<String> range = values.take(STEP);
        String style = values.take("style").orElse(null);
        if (range.isEmpty() && !all) {
            if (style != null) {
                throw values.error("property style is for " + STEP);
            }
            return;
        }
        if (style != null && !style.equals("intel") && !style.equals("att")) {
            throw values.error("property style is intel or att");
        }
        StepConfig wanted = steps == null ? StepConfig.ALL : steps;
        try {
            wanted = range.isPresent() ? wanted.and(range.get()) : wanted;
        } catch (IllegalArgumentException e) {
            throw values.error("property step: '" + range.orElseThrow() + "': " + e.getMessage());
        }
        steps = style == null ? wanted : wanted.style(style.equals("att"));
    }

    private void report(Path file) {
        views.add(messages -> new ReportView(file, messages));
    }

    private static Path file(OptionValues values, String property, String path) {
        if (path.isEmpty()) {
            throw noName(values, property);
        }
        return ChardevOptions.path(values.where(), path);
    }

    private static UsageException noName(OptionValues values, String property) {
        return values.error("property " + property + " needs the name of a file");
    }

    /** A file of patterns, one a line; a line that begins with # is none. */
    private void eventsOf(OptionValues values, String file) {
        try {
            for (String line : Files.readAllLines(ChardevOptions.path(values.where(), file))) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    event(values.where(), line.strip());
                }
            }
        } catch (NoSuchFileException e) {
            throw new UsageException(values.where() + ": " + file + ": No such file or directory", e);
        } catch (IOException e) {
            throw new UsageException(values.where() + ": " + file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private void event(String where, String pattern) {
        String name = pattern.startsWith("-") ? pattern.substring(1) : pattern;
        if (!TraceEvents.isPattern(name) && !Tracing.eventNames().contains(name)) {
            config.warnings.add(where + ": warning: trace event '" + name + "' does not exist; -trace help lists them");
        }
        events.add(pattern);
    }

    /** Takes {@code -msg}. */
    void messages(String text) {
        OptionValues values = new OptionValues("-msg", text, "");
        messages = new MessageFormat(values.takeFlag("timestamp", false), values.takeFlag("guest-name", false), "");
        values.end();
    }

    /** How messages to the user look. */
    MessageFormat messages() {
        return messages.of(config.name);
    }

    LogConfig log() {
        if (Boolean.getBoolean(RECORDED) && views.stream().noneMatch(FlightConfig.class::isInstance)) {
            views.add(FlightConfig.EVENTS_ONLY);
        }
        if (steps != null && config.debuggerText != null) {
            throw new UsageException("-trace step: not together with -gdb " + config.debuggerText
                    + ": both let KVM step the guest");
        }
        if (steps != null) {
            views.add(steps);
        }
        return new LogConfig(items, events, logFile.or(() -> traceFile), exits, top, exitsJson, messages.timestamp(),
                views);
    }
}
