package jkvm.control.migrate;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import jkvm.control.hmp.HumanMonitor;
import jkvm.control.hmp.MonitorHost;
import jkvm.control.qmp.QmpFacts;
import jkvm.control.qmp.QmpService;
import jkvm.control.vnc.VncServers;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.Chardevs;
import jkvm.json.Json;
import jkvm.json.JsonException;
import jkvm.json.JsonReader;
import jkvm.linux.DescriptorPassing;
import jkvm.linux.Fd;
import jkvm.linux.FdStream;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.config.DeviceTypes;
import jkvm.soft.Accelerator;
import jkvm.work.Workers;

/** A management program at the QMP socket of a machine, which it hands over as a descriptor, as libvirt does. */
final class ManagerClient implements AutoCloseable {
    private final Workers workers = Workers.onThreads();
    private final Workers machineWorkers = Workers.onThreads();
    private final Chardevs chardevs;
    private final Fd end;
    private final FdStream stream;
    private final StringBuilder text = new StringBuilder();
    private final Deque<Json.Members> waiting = new ArrayDeque<>();
    /** The events before the last answer. */
    private final List<String> events = new ArrayList<>();

    ManagerClient(TravellingGuest guest) throws JsonException {
        List<Fd> pair = DescriptorPassing.pair(new FfmSyscalls());
        end = pair.getFirst();
        stream = new FdStream(end, end);
        chardevs = new Chardevs(new FfmSyscalls(), System.out, System.err, () -> { }, machineWorkers);
        MonitorHost host = MonitorHost.on(Accelerator.Kind.SOFT).with(guest.migration);
        var _ = new QmpService(guest.run.machine, new QmpFacts(Accelerator.Kind.SOFT, false, DeviceTypes.builtIn(),
                chardevs::facts, new VncServers()), new HumanMonitor(guest.run.machine, host))
                .serve(chardevs.openUnpaused(new ChardevSpec("monitor", new ChardevSpec.InheritedSocket(
                        pair.getLast().number(), false, false), false)), false, workers);
        read();
        ask("qmp_capabilities", "{}");
    }

    private Json.Members read() throws JsonException {
        while (waiting.isEmpty()) {
            byte[] bytes = new byte[FdStream.MAX_TRANSFER];
            int count = stream.read(bytes, bytes.length);
            if (count == 0) {
                throw new IllegalStateException("the monitor is gone; before that: " + events);
            }
            text.append(new String(bytes, 0, count, StandardCharsets.US_ASCII));
            for (int line = text.indexOf("\n"); line >= 0; line = text.indexOf("\n")) {
                waiting.add((Json.Members) JsonReader.read(text.substring(0, line)));
                text.delete(0, line + 1);
            }
        }
        return waiting.remove();
    }

    /** Sends a command and waits for its answer; events come into {@link #takeEvents()}. */
    Json ask(String command, String arguments) throws JsonException {
        return ask(command, arguments, null);
    }

    /** @param passed goes with the command; null for none */
    Json ask(String command, String arguments, Fd passed) throws JsonException {
        byte[] bytes = ("{\"execute\": \"" + command + "\", \"arguments\": " + arguments + "}\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        if (passed == null) {
            stream.write(bytes, 0, bytes.length);
        } else {
            DescriptorPassing.send(end, bytes, passed);
        }
        while (true) {
            Json.Members line = read();
            if (!note(line)) {
                return line.values().getOrDefault("return", line.values().get("error"));
            }
        }
    }

    private boolean note(Json.Members line) {
        if (!(line.values().get("event") instanceof Json.Text event)) {
            return false;
        }
        Json data = line.values().get("data");
        events.add(event.value() + (data == null ? "" : " " + data.line()));
        return true;
    }

    /** Waits until an event has come. */
    void await(String event) throws JsonException {
        while (!events.contains(event)) {
            note(read());
        }
    }

    /** The events so far that were not taken. */
    List<String> takeEvents() {
        List<String> taken = List.copyOf(events);
        events.clear();
        return taken;
    }

    @Override
    public void close() {
        workers.close();
        chardevs.close();
        machineWorkers.close();
        stream.close();
        end.close();
    }
}
