package jkvm.control.migrate;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.machine.Machine;
import jkvm.machine.RunState;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * The migrations of one machine, to another process and from one: its monitors share it. Any thread may call but the
 * machine's and the vCPUs'. Closed after the machine's run and before the machine.
 *
 * {@snippet :
 * // The machine that waits was made by MachineBuilder.awaitsState(), and is in run() on another thread.
 * try (Migration source = new Migration(machine); Migration target = new Migration(waiting)) {
 *     target.listen("tcp:127.0.0.1:4444");
 *     source.start("tcp:127.0.0.1:4444");
 *     while (source.progress().status().isUnderWay()) {
 *         Thread.sleep(100);
 *     }
 *     assert waiting.runState() == RunState.RUNNING && machine.runState() == RunState.POSTMIGRATE;
 * }
 * }
 */
public final class Migration implements AutoCloseable {
    private final Machine machine;
    private final Syscalls syscalls = new FfmSyscalls();
    private final MigrationSettings settings = new MigrationSettings();
    private final PassedDescriptors descriptors = new PassedDescriptors();
    private final MigrationEndpoints endpoints = new MigrationEndpoints(syscalls, descriptors);
    private final ChannelSecurity security;
    private final List<MigrationListener> listeners = new CopyOnWriteArrayList<>();
    private final MigrationListener teller = new Teller();
    private final AtomicReference<Runnable> next = new AtomicReference<>();
    /** Null before the first migration. Guarded by this, as all that follow. */
    private Workers workers;
    private Worker worker;
    /** Null before the first one. */
    private OutgoingMigration outgoing;
    /** Null before the first one. */
    private IncomingMigration incoming;
    private boolean waits;
    private boolean isClosed;

    public Migration(Machine machine) {
        this(machine, Map.of());
    }

    /** @param credentials for encryption, by the ids of their objects */
    public Migration(Machine machine, Map<String, TlsCredentials> credentials) {
        this.machine = machine;
        security = new ChannelSecurity(credentials, settings);
    }

    /**
     * The machine in a state that {@code migrate file:} saved: without what tells the target of a migration about its
     * source. Others are as they are.
     *
     * @throws jkvm.state.StateException if the source was in a state that jkvm does not know
     */
    public static MachineSnapshot machineStateOf(MachineSnapshot state) {
        return new MigrationHeader().takeFrom(state);
    }

    /** The descriptors that monitors got. */
    public PassedDescriptors descriptors() {
        return descriptors;
    }

    /** Capabilities and parameters. */
    public MigrationSettings settings() {
        return settings;
    }

    /** Tells a listener of all migrations from now on. */
    public void addListener(MigrationListener listener) {
        listeners.add(listener);
    }

    private final class Teller implements MigrationListener {
        @Override
        public void status(MigrationStatus status) {
            listeners.forEach(each -> each.status(status));
        }

        @Override
        public void pass(long number) {
            listeners.forEach(each -> each.pass(number));
        }
    }

    /**
     * Switches capabilities, all or none.
     *
     * @throws MigrationException if one cannot be switched on, or a migration is under way
     */
    public synchronized void switchAll(Map<MigrationCapability, Boolean> states) throws MigrationException {
        refuseWhileUnderWay();
        if (waits && states.getOrDefault(MigrationCapability.POSTCOPY_RAM, false)
                && machine.migration().pageHost().isEmpty()) {
            throw new MigrationException("postcopy-ram: this machine cannot run before its memory has come: that needs"
                    + " -accel soft, and time that is not counted in instructions");
        }
        settings.switchAll(states);
    }

    /**
     * Lets the machine go on at the other side as soon as its devices are there; the rest of its RAM follows.
     *
     * @throws MigrationException if {@link MigrationCapability#POSTCOPY_RAM} is off, or no migration has begun
     */
    public void startPostcopy() throws MigrationException {
        if (!settings.has(MigrationCapability.POSTCOPY_RAM)) {
            throw new MigrationException(
                    "Enable postcopy with migrate_set_capability before the start of migration");
        }
        OutgoingMigration current = outgoing();
        if (current == null) {
            throw new MigrationException("Postcopy must be started after migration has been started");
        }
        current.startPostcopy();
    }

    private void refuseWhileUnderWay() throws MigrationException {
        if (isClosed) {
            throw new MigrationException("the machine has ended");
        }
        if (outgoing != null && outgoing.status().isUnderWay()) {
            throw new MigrationException("There's a migration process in progress");
        }
    }

    /**
     * Refuses a change of devices while the machine is sent, as the other one has those of the beginning.
     *
     * @param command of the user, for the message
     * @throws MigrationException if one that sends is under way
     */
    public synchronized void requireNoneFor(String command) throws MigrationException {
        if (outgoing != null && outgoing.status().isUnderWay()) {
            throw new MigrationException(command + " not allowed while migrating");
        }
    }

    /**
     * Begins to send the machine, and returns when listeners have heard so.
     *
     * @param uri of the other side, as QEMU writes it
     * @throws MigrationException if that is not possible
     */
    public void start(String uri) throws MigrationException {
        synchronized (this) {
            refuseWhileUnderWay();
            refuseState();
            OutgoingMigration.Opening opening = opening(MigrationAddress.parse(uri).orElseThrow(() ->
                    new MigrationException("Parameter 'uri' expects a valid migration protocol")));
            outgoing = new OutgoingMigration(machine, settings, opening, security, teller, workers());
            teller.status(MigrationStatus.SETUP);
            begin(outgoing::run);
        }
    }

    private void refuseState() throws MigrationException {
        if (incoming != null && incoming.progress().status().isUnderWay()
                && incoming.progress().status() != MigrationStatus.SETUP) {
            throw new MigrationException("There's a migration process in progress");
        }
        RunState state = machine.runState();
        if (state == RunState.INMIGRATE) {
            throw new MigrationException("Guest is waiting for an incoming migration");
        }
        if (state == RunState.POSTMIGRATE) {
            throw new MigrationException("Can't migrate the vm that was paused due to previous migration");
        }
        if (state == RunState.SHUTDOWN || state == RunState.INTERNAL_ERROR) {
            throw new MigrationException("the guest has shut down; reset the machine first");
        }
    }

    /** What is here is opened at once, so that a mistake in its name is the command's. */
    private OutgoingMigration.Opening opening(MigrationAddress address) throws MigrationException {
        if (address instanceof MigrationAddress.Tcp || address instanceof MigrationAddress.Unix) {
            return begun -> endpoints.connect(address, begun);
        }
        try {
            MigrationChannel channel = endpoints.connect(address, _ -> { });
            return _ -> channel;
        } catch (IOException e) {
            throw new MigrationException(e.getMessage(), e);
        }
    }

    /** One thread carries out one migration after the other. */
    private void begin(Runnable task) {
        next.set(task);
        if (worker == null) {
            worker = workers().worker("migration", () -> {
                Runnable due = next.getAndSet(null);
                if (due != null) {
                    due.run();
                }
            });
        } else {
            worker.wake();
        }
    }

    private Workers workers() {
        if (workers == null) {
            workers = Workers.onThreads();
        }
        return workers;
    }

    /** Cancels a migration that sends, as far as that is still possible. Without one it does nothing. */
    public void cancel() {
        OutgoingMigration current = outgoing();
        if (current != null) {
            current.cancel();
        }
    }

    private synchronized OutgoingMigration outgoing() {
        return outgoing;
    }

    /**
     * Lets a migration go on that waits for the user.
     *
     * @param from the state that the user believes it to be in
     * @throws MigrationException if it is in another one
     */
    public void proceed(MigrationStatus from) throws MigrationException {
        OutgoingMigration current = outgoing();
        if (current == null) {
            throw new MigrationException("Migration not in expected state: none");
        }
        current.proceed(from);
    }

    /** The machine waits for the state of another one, and {@link #listen} will tell from where: {@code -incoming}. */
    public synchronized void expect() {
        waits = true;
    }

    /**
     * Begins to receive the state that the machine waits for.
     *
     * @param uri of the other side, as QEMU writes it
     * @throws MigrationException if that is not possible, or it does so already
     */
    public void listen(String uri) throws MigrationException {
        synchronized (this) {
            if (!waits) {
                throw new MigrationException("'-incoming' was not specified on the command line");
            }
            refuseWhileUnderWay();
            if (incoming != null) {
                throw new MigrationException("The incoming migration has already been started");
            }
            MigrationAddress address = MigrationAddress.parse(uri).orElseThrow(() ->
                    new MigrationException("unknown migration protocol: " + uri));
            try {
                incoming = new IncomingMigration(machine, endpoints.listen(address), security, teller, workers());
            } catch (IOException e) {
                throw new MigrationException(e.getMessage(), e);
            }
            teller.status(MigrationStatus.SETUP);
            begin(incoming::run);
        }
    }

    /** The migration of this moment: the last one that sends, else the one that receives. */
    public MigrationProgress progress() {
        OutgoingMigration sends;
        IncomingMigration receives;
        synchronized (this) {
            sends = outgoing;
            receives = incoming;
        }
        return sends != null ? sends.progress() : receives != null ? receives.progress() : MigrationProgress.NONE;
    }

    /** Waits until no migration is under way that sends, and answers how the last one ended. */
    public MigrationProgress awaitEnd() {
        OutgoingMigration current = outgoing();
        return current == null ? MigrationProgress.NONE : current.awaitEnd();
    }

    /** Ends what is under way. */
    @Override
    public void close() {
        Workers open;
        synchronized (this) {
            isClosed = true;
            if (incoming != null) {
                incoming.stop();
            }
            open = workers;
            if (outgoing != null) {
                outgoing.stop();
            }
        }
        if (open != null) {
            open.close();
        }
        descriptors.close();
    }
}
