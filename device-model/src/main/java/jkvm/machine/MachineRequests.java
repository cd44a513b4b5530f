package jkvm.machine;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import jkvm.abi.KvmExit;
import jkvm.bus.MachineControl;
import jkvm.inspect.FailureReport;
import jkvm.linux.LinuxException;
import jkvm.machine.run.ExitEvents;
import jkvm.memory.GuestMemory;
import jkvm.vm.Vcpu;
import jkvm.vm.VcpuThread;
import jkvm.work.Threads;

/**
 * Carries requests from devices, vCPUs and front ends to the thread that runs the machine. A guest has one request at a
 * time: its first one holds until the machine has acted on it, and later ones are dropped, since they come from a guest
 * that is about to stop. It comes before the commands of front ends, which wait in their order. The user's wish to quit
 * replaces what the guest asked for.
 *
 * <p>Any thread may post, any device's lock held.
 */
final class MachineRequests implements MachineControl, ExitEvents {
    /** The type of a system event by which a guest reports its own end. */
    private static final int SYSTEM_EVENT_CRASH = 3;

    private final GuestMemory memory;
    private final AtomicBoolean tripleFaulted = new AtomicBoolean();
    private List<VcpuThread> threads = List.of();
    private MachineRequest.Action wakeUp;
    /** The guest has asked for a suspend, and nothing for its end since. */
    private final AtomicBoolean isSuspended = new AtomicBoolean();
    /** The guest's, or the wish to quit. Guarded by this, as the next two fields. */
    private MachineRequest urgent;
    private final Deque<MachineRequest.Command> commands = new ArrayDeque<>();
    private boolean ended;
    /** The only vCPU that may run, null for all. Guarded by this. */
    private Vcpu onlyVcpu;
    /** Null where nobody asked for debug exits. */
    private volatile Consumer<Vcpu> debugger;

    MachineRequests(GuestMemory memory) {
        this.memory = memory;
    }

    /**
     * The vCPUs to pause. Called before they start.
     *
     * @param wakeUpAction ends a suspend to RAM
     */
    synchronized void attach(List<VcpuThread> vcpuThreads, MachineRequest.Action wakeUpAction) {
        threads = vcpuThreads;
        wakeUp = wakeUpAction;
    }

    /** The next request if there is one, else null. It stays in force until {@link #done}. */
    synchronized MachineRequest peek() {
        return urgent != null ? urgent : commands.peekFirst();
    }

    /** True if the next request is the guest's, or the wish to quit. */
    synchronized boolean isUrgent() {
        return urgent != null;
    }

    /** Waits for the next request. */
    synchronized MachineRequest await() {
        // The machine's own thread ends on a request only.
        Threads.waitWhile(this, () -> peek() == null);
        return peek();
    }

    /**
     * The machine has acted on {@code request}; a wish to quit that came meanwhile stays.
     *
     * @param isRunning true if the vCPUs are to resume as soon as no other request pauses them
     */
    synchronized void done(MachineRequest request, boolean isRunning) {
        if (urgent == request) {
            urgent = null;
        } else {
            commands.remove(request);
        }
        if (isRunning) {
            letRun();
        }
    }

    /** Resumes the vCPUs unless a request pauses them. */
    synchronized void letRun() {
        boolean stands = urgent != null;
        for (MachineRequest.Command command : commands) {
            stands |= command.pauses();
        }
        if (!stands) {
            for (VcpuThread thread : threads) {
                if (onlyVcpu == null || thread.vcpu() == onlyVcpu) {
                    thread.resume();
                }
            }
        }
    }

    /** From now on {@link #letRun} resumes this vCPU alone, or all of them for null. */
    synchronized void mayRun(Vcpu only) {
        onlyVcpu = only;
    }

    /** Takes the exits at breakpoints and steps, null for nobody. */
    void debugger(Consumer<Vcpu> listener) {
        debugger = listener;
    }

    /** Posts a request. */
    synchronized void post(MachineRequest request) {
        if (request instanceof MachineRequest.Command command) {
            if (ended) {
                command.result().completeExceptionally(ended());
                return;
            }
            commands.add(command);
        } else if (urgent == null || request instanceof MachineRequest.Quit) {
            urgent = request;
        } else {
            return;
        }
        if (request.pauses()) {
            threads.forEach(VcpuThread::requestPause);
        }
        notifyAll();
    }

    /** The machine has ended: commands that wait, and those that come, are refused. */
    void end() {
        List<MachineRequest.Command> left;
        synchronized (this) {
            ended = true;
            left = List.copyOf(commands);
            commands.clear();
        }
        left.forEach(command -> command.result().completeExceptionally(ended()));
    }

    private static IllegalStateException ended() {
        return new IllegalStateException("the machine has ended");
    }

    @Override
    public void requestReset() {
        post(new MachineRequest.Reset());
    }

    @Override
    public void requestPowerOff() {
        post(new MachineRequest.PowerOff(false));
    }

    @Override
    public void requestSuspendToDisk() {
        post(new MachineRequest.PowerOff(true));
    }

    @Override
    public void requestSuspend() {
        isSuspended.set(true);
        post(new MachineRequest.Suspend());
    }

    /** A command, which waits until the machine has acted on the guest's wish to be suspended. */
    @Override
    public void requestWakeUp() {
        if (isSuspended.getAndSet(false)) {
            post(new MachineRequest.Command(false, wakeUp, new CompletableFuture<>()));
        }
    }

    @Override
    public void requestExit(int status) {
        post(new MachineRequest.Exit(status));
    }

    @Override
    public boolean halted(Vcpu vcpu) {
        return true;
    }

    @Override
    public boolean shutdown(Vcpu vcpu) {
        // A guest may restart itself so again and again.
        String report = tripleFaulted.getAndSet(true) ? "" : FailureReport.ofExit(vcpu, memory, KvmExit.SHUTDOWN);
        post(new MachineRequest.TripleFault(report));
        return true;
    }

    @Override
    public boolean systemEvent(Vcpu vcpu) {
        post(new MachineRequest.Failure(FailureReport.ofExit(vcpu, memory, KvmExit.SYSTEM_EVENT),
                vcpu.kvmRun().systemEventType() == SYSTEM_EVENT_CRASH));
        return false;
    }

    @Override
    public boolean debugged(Vcpu vcpu) {
        Consumer<Vcpu> listener = debugger;
        if (listener == null) {
            return unhandled(vcpu, KvmExit.DEBUG);
        }
        listener.accept(vcpu);
        return true;
    }

    @Override
    public boolean unhandled(Vcpu vcpu, int reason) {
        post(new MachineRequest.Failure(FailureReport.ofExit(vcpu, memory, reason), false));
        return false;
    }

    @Override
    public void failed(Vcpu vcpu, RuntimeException cause) {
        post(new MachineRequest.Failure(cause instanceof LinuxException failure
                ? FailureReport.ofRunFailure(vcpu, memory, failure) : defect(cause), false));
    }

    /** A device that throws is a mistake in jkvm, not the guest's: say where. */
    private static String defect(RuntimeException cause) {
        StringWriter text = new StringWriter();
        text.append("internal error in a device; please report this:\n");
        cause.printStackTrace(new PrintWriter(text));
        return text.toString().stripTrailing();
    }
}
