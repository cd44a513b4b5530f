package jkvm.app.options;

import java.util.ArrayList;
import java.util.List;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.ChardevSpec.Backend;

/**
 * Reads {@code -qmp DEV}, {@code -qmp-pretty DEV}, {@code -monitor DEV} and {@code -mon}. A monitor that listens on a
 * TCP port without an address is for this host alone.
 */
final class MonitorOptions {
    private static final String THIS_HOST = "localhost";

    /** A monitor whose chardev is named by an option that may follow. */
    private record Wish(String option, String text, MonitorConfig.Mode mode, boolean pretty) {
    }

    private final List<Wish> wishes = new ArrayList<>();

    /** {@code -qmp} and {@code -qmp-pretty}. */
    void addControl(String option, String device, boolean pretty) {
        wishes.add(new Wish(option, device, MonitorConfig.Mode.CONTROL, pretty));
    }

    /** {@code -monitor}. */
    void addReadline(String device) {
        wishes.add(new Wish("-monitor", device, MonitorConfig.Mode.READLINE, false));
    }

    /** {@code -mon [chardev=]ID[,mode=control|readline][,pretty=on]}. */
    void add(String text) {
        OptionValues values = new OptionValues("-mon", text, "chardev");
        String chardev = values.require("chardev");
        values.takeId();
        boolean isControl = values.takeChoice("mode", "readline", "control").orElse("readline").equals("control");
        boolean pretty = values.takeFlag("pretty", false);
        values.end();
        if (!isControl && pretty) {
            throw values.error("'pretty' is not compatible with HMP monitors");
        }
        wishes.add(new Wish("-mon", "chardev:" + chardev, isControl ? MonitorConfig.Mode.CONTROL
                : MonitorConfig.Mode.READLINE, pretty));
    }

    boolean isEmpty() {
        return wishes.isEmpty();
    }

    /** The monitors, once all chardevs are declared; {@code none} leaves one out. */
    List<MonitorConfig> read(ChardevOptions chardevs) {
        List<MonitorConfig> monitors = new ArrayList<>();
        for (Wish wish : wishes) {
            ChardevSpec spec = local(chardevs.read(wish.option(), wish.text(), "compat_monitor" + monitors.size()));
            if (wish.mode() == MonitorConfig.Mode.CONTROL && spec.mux()) {
                throw new UsageException(wish.option() + " " + wish.text()
                        + ": a chardev that devices share cannot carry QMP; give QMP one without mux");
            }
            if (!spec.isNone()) {
                monitors.add(new MonitorConfig(spec, wish.mode(), wish.pretty()));
            }
        }
        return monitors;
    }

    private static ChardevSpec local(ChardevSpec spec) {
        return new ChardevSpec(spec.label(), local(spec.backend()), spec.mux(), spec.log());
    }

    private static Backend local(Backend backend) {
        return switch (backend) {
            case ChardevSpec.TcpServer tcp when tcp.host().isEmpty() -> new ChardevSpec.TcpServer(THIS_HOST, tcp.port(),
                    tcp.lastPort(), tcp.waits(), tcp.nodelay());
            case ChardevSpec.Telnet telnet -> new ChardevSpec.Telnet(local(telnet.socket()));
            default -> backend;
        };
    }
}
