package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** A machine that runs on a thread of its own while the test steers it, and the events that it has told. */
public final class MachineRun implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    public final Machine machine;
    private final List<String> events = new CopyOnWriteArrayList<>();
    private CompletableFuture<MachineExit> exit;

    public MachineRun(Machine machine) {
        this.machine = machine;
        machine.addListener(event -> events.add(event.cause() != null ? event.type() + " " + event.cause().text()
                : event.device() != null ? event.type() + " " + event.device() : event.type().name()));
    }

    public MachineRun start() {
        // A pool with few threads would let the second machine of a test wait for the end of the first.
        exit = CompletableFuture.supplyAsync(machine::run, run -> Thread.ofPlatform().name("machine").start(run));
        return this;
    }

    /** Waits for the machine's end. */
    public MachineExit exit() throws InterruptedException, ExecutionException, TimeoutException {
        return exit.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    public MachineExit quit() throws InterruptedException, ExecutionException, TimeoutException {
        machine.quit();
        return exit();
    }

    /** The machine's events so far, causes and devices after their event. */
    List<String> events() {
        return events;
    }

    /** Waits for a command. */
    static <T> T done(CompletableFuture<T> command) throws InterruptedException, ExecutionException, TimeoutException {
        return command.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    public static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, () -> "waited in vain: " + what);
            Thread.sleep(1);
        }
    }

    @Override
    public void close() {
        machine.quit();
        if (exit != null) {
            exit.join();
        }
        machine.close();
    }
}
