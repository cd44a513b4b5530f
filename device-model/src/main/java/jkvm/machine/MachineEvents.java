package jkvm.machine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import jkvm.abi.KvmExit;
import jkvm.bus.MachineControl;
import jkvm.inspect.FailureReport;
import jkvm.linux.LinuxException;
import jkvm.memory.GuestMemory;
import jkvm.vm.Vcpu;
import jkvm.vm.VcpuThread;

/**
 * Carries requests from devices and vCPUs to the thread that runs the machine. The first request asks all vCPUs to
 * pause and holds until the machine has acted on it; later ones are dropped, since they come from a guest that is about
 * to stop.
 */
final class MachineEvents implements MachineControl, ExitEvents {
    private final GuestMemory memory;
    private final AtomicBoolean tripleFaulted = new AtomicBoolean();
    private List<VcpuThread> threads = List.of();
    private MachineEvent pending;

    MachineEvents(GuestMemory memory) {
        this.memory = memory;
    }

    /** The vCPUs to pause. Called before they start. */
    synchronized void attach(List<VcpuThread> vcpuThreads) {
        threads = vcpuThreads;
    }

    /** Waits for a request; it stays in force until {@link #done}. */
    synchronized MachineEvent await() {
        boolean interrupted = false;
        while (pending == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                // The machine's own thread ends on a request only.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return pending;
    }

    /** The machine has acted on {@code event} and takes requests again; a wish to quit that came meanwhile stays. */
    synchronized void done(MachineEvent event) {
        if (pending == event) {
            pending = null;
        }
    }

    /** Posts a request. The user's wish to quit replaces what the guest asked for. */
    synchronized void post(MachineEvent event) {
        if (pending != null && !(event instanceof MachineEvent.Quit)) {
            return;
        }
        pending = event;
        for (VcpuThread thread : threads) {
            thread.requestPause();
        }
        notifyAll();
    }

    @Override
    public void requestReset() {
        post(new MachineEvent.Reset());
    }

    @Override
    public void requestPowerOff() {
        post(new MachineEvent.PowerOff());
    }

    @Override
    public void requestExit(int status) {
        post(new MachineEvent.Exit(status));
    }

    @Override
    public boolean halted(Vcpu vcpu) {
        return true;
    }

    @Override
    public boolean shutdown(Vcpu vcpu) {
        // A guest may restart itself so again and again.
        String report = tripleFaulted.getAndSet(true) ? "" : FailureReport.ofExit(vcpu, memory, KvmExit.SHUTDOWN);
        post(new MachineEvent.TripleFault(report));
        return true;
    }

    @Override
    public boolean systemEvent(Vcpu vcpu) {
        post(new MachineEvent.Failure(FailureReport.ofExit(vcpu, memory, KvmExit.SYSTEM_EVENT)));
        return false;
    }

    @Override
    public boolean unhandled(Vcpu vcpu, int reason) {
        post(new MachineEvent.Failure(FailureReport.ofExit(vcpu, memory, reason)));
        return false;
    }

    @Override
    public void failed(Vcpu vcpu, RuntimeException cause) {
        post(new MachineEvent.Failure(cause instanceof LinuxException failure
                ? FailureReport.ofRunFailure(vcpu, memory, failure) : defect(cause)));
    }

    /** A device that throws is a mistake in jkvm, not the guest's: say where. */
    private static String defect(RuntimeException cause) {
        StringWriter text = new StringWriter();
        text.append("internal error in a device; please report this:\n");
        cause.printStackTrace(new PrintWriter(text));
        return text.toString().stripTrailing();
    }
}
