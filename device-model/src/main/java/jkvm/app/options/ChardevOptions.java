package jkvm.app.options;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.ChardevSpec.Backend;

/** Reads the two ways to name a chardev: {@code -serial stdio} and {@code -chardev stdio,id=c0 -serial chardev:c0}. */
public final class ChardevOptions {
    /** The output of {@code -chardev help}. */
    static final String HELP = """
            file,path=FILE[,append=on]                        output to a file
            null                                              takes all and gives nothing
            pipe,path=FILE                                    FIFOs FILE.in and FILE.out, or FILE for both
            pty                                               a pseudo-terminal; its name is printed
            ringbuf[,size=BYTES]                              keeps the last bytes of output in memory
            serial,path=FILE                                  a terminal device of the host's
            socket,path=FILE,server=on[,wait=off]             a unix socket that one may connect to
            socket,path=FILE[,reconnect=SECONDS]              connects to a unix socket
            socket,host=HOST,port=PORT,server=on[,wait=off]   a TCP port; also to=, nodelay=
            socket,fd=N[,server=on][,wait=off]                a socket that the caller has opened
            socket,host=HOST,port=PORT[,reconnect=SECONDS]    connects to a TCP port; telnet=on on any socket
            stdio[,signal=off]                                this terminal
            udp,port=PORT[,host=HOST]                         datagrams; also localaddr=, localport=
            vc                                                a screen, which jkvm shows nowhere: as null
            All take id=NAME, which -serial chardev:NAME and chardev=NAME refer to, mux=on to be shared, and
            logfile=FILE[,logappend=on], which gets the guest's output too.
            """;
    /** Begins the text of a console that shares its terminal with a monitor. */
    static final String MONITORED = "mon:";
    private static final String REFERENCE = "chardev:";
    private static final String KNOWN = "stdio, null, none, file:PATH, unix:PATH, tcp:HOST:PORT, telnet:HOST:PORT,"
            + " udp:HOST:PORT, pipe:PATH, /dev/NAME, pty, vc, mon:stdio, chardev:ID";

    private final Map<String, ChardevSpec> declared = new LinkedHashMap<>();
    /** The device that uses a chardev, by the chardev's label. */
    private final Map<String, String> users = new LinkedHashMap<>();

    /** Takes a {@code -chardev} option. */
    void declare(String text) {
        OptionValues values = new OptionValues("-chardev", text, "backend");
        String kind = values.require("backend");
        String id = values.takeId().orElseThrow(() -> values.error("give it an id=NAME"));
        boolean mux = values.takeFlag("mux", false);
        boolean appends = values.takeFlag("logappend", false);
        Optional<ChardevSpec.OutputFile> log = values.take("logfile").map(file ->
                new ChardevSpec.OutputFile(path(values.where(), file), appends));
        Backend backend = new ChardevKinds(values).read(kind);
        values.end();
        if (declared.putIfAbsent(id, new ChardevSpec(id, backend, mux, log)) != null) {
            throw values.error("the id " + id + " is in use already");
        }
    }

    /** All that {@link #declare} took, in order. */
    List<ChardevSpec> declared() {
        return List.copyOf(declared.values());
    }

    /** The same without those that steer the machine, which have owners of their own. */
    List<ChardevSpec> declaredBut(List<ChardevSpec> steering) {
        List<String> labels = steering.stream().map(ChardevSpec::label).toList();
        return declared.values().stream().filter(spec -> !labels.contains(spec.label())).toList();
    }

    /**
     * Reads what {@code -serial} and {@code -debugcon} take.
     *
     * @param option for messages, and the user of the chardev
     * @param label  of a chardev that is not declared elsewhere
     */
    ChardevSpec read(String option, String text, String label) {
        boolean mux = text.startsWith(MONITORED);
        String rest = mux ? text.substring(MONITORED.length()) : text;
        if (rest.startsWith(REFERENCE)) {
            return use(option + " " + text, rest.substring(REFERENCE.length()), label);
        }
        Backend backend = new SerialText(option, text, rest).read(mux)
                .orElseThrow(() -> unknown(option + " " + text));
        if (mux && backend instanceof ChardevSpec.None) {
            throw unknown(option + " " + text);
        }
        return new ChardevSpec(label, backend, mux);
    }

    /**
     * A device takes a declared chardev.
     *
     * @param where  the option, for messages
     * @param device its name
     */
    ChardevSpec use(String where, String id, String device) {
        ChardevSpec spec = declared.get(id);
        if (spec == null) {
            throw new UsageException(where + ": there is no -chardev with id=" + id
                    + Suggestion.of(id, declared.keySet()));
        }
        String other = users.putIfAbsent(id, device);
        if (other != null && !spec.mux()) {
            throw new UsageException(where + ": chardev " + id + " is in use by " + other
                    + "; mux=on lets devices share it");
        }
        return spec;
    }

    private static UsageException unknown(String where) {
        return new UsageException(where + ": unknown character device; jkvm has " + KNOWN);
    }

    /** A path, or an error for a text that cannot be one. */
    public static Path path(String where, String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException(where + ": not a path: " + e.getReason());
        }
    }
}
