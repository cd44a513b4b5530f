package jkvm.control.guest;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import jkvm.inspect.ExitPlace;
import jkvm.inspect.ExitStatistics;
import jkvm.machine.run.VcpuObserver;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;
import jkvm.vm.VcpuExit;

/** Counts a guest's exits and tells listeners of them. */
final class GuestExits implements VcpuObserver {
    private final Map<Integer, ExitStatistics> statistics = new ConcurrentHashMap<>();
    private final List<ExitListener> listeners = new CopyOnWriteArrayList<>();

    void add(ExitListener listener) {
        listeners.add(listener);
    }

    @Override
    public ExitHandler observe(Vcpu vcpu, ExitHandler handler) {
        ExitHandler counted = statistics.computeIfAbsent(vcpu.id(), _ -> new ExitStatistics()).around(handler);
        return new ExitHandler() {
            @Override
            public boolean handle(Vcpu exited, int reason) {
                if (!listeners.isEmpty()) {
                    tell(exited);
                }
                return counted.handle(exited, reason);
            }

            @Override
            public void failed(Vcpu exited, RuntimeException cause) {
                counted.failed(exited, cause);
            }
        };
    }

    private void tell(Vcpu vcpu) {
        VcpuExit exit = VcpuExit.of(vcpu.kvmRun());
        for (ExitListener listener : listeners) {
            listener.exited(vcpu.id(), exit);
        }
    }

    List<ExitPlace> places() {
        return ExitStatistics.places(statistics.values());
    }

    String table() {
        return ExitStatistics.table(ExitStatistics.merge(statistics.values()));
    }
}
