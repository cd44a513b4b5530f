package jkvm.host.netdev;

import java.util.HashMap;
import java.util.Map;
import jkvm.host.net.DumpFilter;
import jkvm.host.net.DumpSpec;
import jkvm.host.net.NetBackend;
import jkvm.host.net.NetHub;
import jkvm.host.net.NetworkException;
import jkvm.host.net.NullBackend;
import jkvm.host.net.RecordedBackend;
import jkvm.host.net.SegmentingBackend;
import jkvm.host.net.SocketBackend;
import jkvm.host.net.TapBackend;
import jkvm.host.usernet.UserBackend;
import jkvm.linux.Syscalls;
import jkvm.work.InstructionClock;
import jkvm.work.Workers;

/** Opens what the {@link NetdevSpec}s of one machine describe; its hubs are made when they are first named. */
public final class NetBackends implements AutoCloseable {
    private final Syscalls syscalls;
    private final Workers workers;
    private final Map<Integer, NetHub> hubs = new HashMap<>();

    /** @param workers gives those that carry frames */
    public NetBackends(Syscalls syscalls, Workers workers) {
        this.syscalls = syscalls;
        this.workers = workers;
    }

    /**
     * Opens a backend that takes frames with any offload, with its captures in front of it.
     *
     * @throws jkvm.host.HostException if the host does not let it; then nothing is left open
     */
    public NetBackend open(NetdevSpec spec) {
        NetBackend backend = openBackend(spec);
        try {
            for (DumpSpec capture : spec.captures()) {
                backend = DumpFilter.open(backend, capture);
            }
            return backend;
        } catch (RuntimeException e) {
            backend.close();
            throw e;
        }
    }

    private NetHub hub(NetdevSpec.HubPort port) {
        NetHub hub = hubs.get(port.hub());
        if (hub == null) {
            hub = new NetHub("hub" + port.hub(), workers);
            hubs.put(port.hub(), hub);
            for (NetdevSpec network : port.networks()) {
                hub.connect(open(network));
            }
        }
        return hub;
    }

    /** Closes the hubs with their networks; what {@link #open} gave has been closed by its users. */
    @Override
    public void close() {
        hubs.values().forEach(NetHub::close);
        hubs.clear();
    }

    private NetBackend openBackend(NetdevSpec spec) {
        InstructionClock clock = workers.clock();
        if (clock == null || !clock.log().isUsed()) {
            return openOutside(spec);
        }
        NetBackend outside = clock.log().isReplay() ? new NullBackend() : openOutside(spec);
        return new SegmentingBackend(new RecordedBackend(outside, spec.id(), clock));
    }

    private NetBackend openOutside(NetdevSpec spec) {
        return switch (spec.backend()) {
            case NetdevSpec.User user -> new UserBackend(user.config(), workers);
            case NetdevSpec.Tap tap when workers.clock() != null -> throw new NetworkException(
                    NetworkException.Kind.TAP_WITH_COUNTED_TIME, tap.interfaceName(), "tap interface",
                    "its frames come at any time, but the guest's time is counted in instructions", null);
            case NetdevSpec.Tap tap -> TapBackend.open(syscalls, tap.interfaceName(), workers);
            case NetdevSpec.HubPort port -> new SegmentingBackend(hub(port).cardPort());
            case NetdevSpec.SocketListen socket ->
                    new SegmentingBackend(SocketBackend.listen(socket.address(), workers));
            case NetdevSpec.SocketConnect socket ->
                    new SegmentingBackend(SocketBackend.connect(socket.address(), workers));
        };
    }
}
