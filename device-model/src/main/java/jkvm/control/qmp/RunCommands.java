package jkvm.control.qmp;

import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import jkvm.host.HostException;
import jkvm.host.image.NodeException;
import jkvm.linux.LinuxException;
import jkvm.machine.Machine;
import jkvm.machine.RunState;
import jkvm.machine.config.HotplugException;
import jkvm.machine.config.MachineException;

/** Commands that start, stop and end the machine, and its state. */
final class RunCommands {
    private static final Struct<RunState> STATUS = Struct.<RunState>named("StatusInfo")
            .flag("running", state -> !state.isStopped())
            .flag("singlestep", _ -> false)
            .with("status", Types.choice("RunState", RunState.values(), RunState::text), state -> state);

    private final Machine machine;

    RunCommands(Machine machine) {
        this.machine = machine;
    }

    void addTo(CommandTable table) {
        table.query(Declaration.of("query-status").answers(STATUS), _ -> machine.runState());
        table.add(Declaration.of("stop"), _ -> await(machine.pause()));
        table.add(Declaration.of("cont"), _ -> cont());
        table.add(Declaration.of("system_reset"), _ -> await(machine.reset()));
        table.add(Declaration.of("system_powerdown"), _ -> await(machine.powerButton()));
        table.add(Declaration.of("system_wakeup"), _ -> await(machine.wakeUp()));
        table.add(Declaration.of("quit"), _ -> quit());
    }

    private void cont() throws QmpException {
        RunState state = machine.runState();
        if (state == RunState.SHUTDOWN || state == RunState.INTERNAL_ERROR) {
            throw new QmpException("Resetting the Virtual Machine is required");
        }
        await(machine.resume());
    }

    /** Answers after the machine's end, which is told as an event first. */
    private void quit() {
        machine.quit();
        try {
            machine.pause().join();
        } catch (CompletionException _) {
            // It has ended.
        }
    }

    /** Waits until the machine has acted on a command. */
    static <T> T await(CompletableFuture<T> command) throws QmpException {
        try {
            return command.join();
        } catch (CompletionException e) {
            throw refusal(e);
        }
    }

    private static QmpException refusal(CompletionException e) {
        return switch (e.getCause()) {
            case HotplugException refusal when refusal.kind() == HotplugException.Kind.NOT_FOUND
                    && refusal.getMessage().startsWith("Device ") -> QmpException.deviceNotFound(refusal.subject());
            case IllegalStateException refusal -> new QmpException(refusal.getMessage());
            case HotplugException refusal -> new QmpException(refusal.getMessage());
            case MachineException refusal -> new QmpException(refusal.getMessage());
            case NodeException refusal -> new QmpException(refusal.getMessage());
            case HostException failure -> new QmpException(failure.getMessage());
            case UncheckedIOException failure -> new QmpException(failure.getMessage());
            case LinuxException failure -> new QmpException(failure.getMessage());
            default -> throw e;
        };
    }
}
