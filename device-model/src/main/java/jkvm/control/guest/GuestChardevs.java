package jkvm.control.guest;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.Chardevs;
import jkvm.linux.Syscalls;
import jkvm.work.Workers;

/**
 * The host sides of a guest's serial ports and consoles: in memory where the configuration has standard input and
 * output, else as {@code jkvm} opens them. Any thread may call once the machine is built.
 */
final class GuestChardevs implements AutoCloseable {
    private final Charset charset;
    private final Workers workers;
    private final Chardevs others;
    private final List<GuestConsole> consoles = new ArrayList<>();

    /** @param workers the machine's, with threads */
    GuestChardevs(Syscalls host, Charset charset, Workers workers) {
        this.charset = charset;
        this.workers = workers;
        others = new Chardevs(host, System.out, System.err, () -> { }, workers);
    }

    Chardev open(ChardevSpec spec) {
        if (spec.backend() instanceof ChardevSpec.Stdio) {
            GuestConsole console = new GuestConsole(spec.label(), charset, workers);
            consoles.add(console);
            return console;
        }
        return others.open(spec);
    }

    List<GuestConsole> consoles() {
        return consoles;
    }

    /** The first console. */
    GuestConsole console() {
        if (consoles.isEmpty()) {
            throw new IllegalStateException("the machine has no console; add one: MachineConfig.builder().console()");
        }
        return consoles.getFirst();
    }

    /** The console whose chardev has this label. */
    GuestConsole console(String label) {
        return consoles.stream().filter(console -> console.label().equals(label)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no console " + label));
    }

    @Override
    public void close() {
        consoles.forEach(GuestConsole::close);
        others.close();
    }
}
