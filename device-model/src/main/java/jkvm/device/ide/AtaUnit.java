package jkvm.device.ide;

import java.lang.foreign.MemorySegment;
import jkvm.bus.Device;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A drive: its registers, and what it does with a command. It knows no transport: an IDE channel or an AHCI port calls
 * it, and gives it its lock except where it may wait.
 */
public abstract class AtaUnit implements Device {
    private static final int STATE_VERSION = 1;
    static final int EXECUTE_DIAGNOSTIC = 0x90;
    static final int DEVICE_RESET = 0x08;
    /** The status of a drive that waits for a command. */
    static final int READY = TaskFile.DRDY | TaskFile.DSC;

    final TaskFile file = new TaskFile();
    final AtaCommand command = new AtaCommand();
    private final String name;

    AtaUnit(String name) {
        this.name = name;
    }

    @Override
    public final String name() {
        return name;
    }

    /** The cylinder registers after a reset. */
    abstract int signature();

    /** True for a drive that takes packets, and a reset while it is busy. */
    abstract boolean takesPackets();

    /** Begins a command. With the transport's lock; does not wait. */
    abstract void begin(int opcode);

    /**
     * Moves the next bytes of a phase. On the transport's worker, without its lock; waits for the host. A failure ends
     * the command.
     */
    abstract void move(MemorySegment memory, long at, int length);

    /** Does what is to be done after a phase, and names the next one. On the worker, without the lock. */
    abstract void phaseOver();

    /** A block of so many bytes is ready for the processor. With the lock. */
    void presenting(int bytes) {
        // A disk's blocks have a size that the driver knows.
    }

    /** The command has ended: sets the registers. With the lock. */
    abstract void finish();

    /** Begins the command whose parameters are in the registers. With the lock. */
    final void start(int opcode) {
        file.error(0);
        command.begin(opcode);
        begin(opcode);
    }

    /** The command has ended: sets all registers, the status too. With the lock. */
    final void complete() {
        int error = command.error();
        file.status(error == 0 ? READY : TaskFile.DRDY | TaskFile.ERR);
        file.error(error);
        finish();
    }

    /** It is plugged into a SATA port: a disk takes queued commands. Before the guest runs. */
    void onSata() {
        // A drive that takes packets is the same there.
    }

    /** Ends the command that is under way without an answer. With the lock. */
    void cancel() {
        command.end();
    }

    /** The state after the reset of the cable. With the lock; no command is under way. */
    void softReset() {
        command.end();
        file.error(TaskFile.DIAGNOSTIC_PASSED);
        file.signature(signature());
        file.status(takesPackets() ? 0 : READY);
    }

    /** Power-on state of the registers, without what the transport has to do. */
    void powerOn() {
        softReset();
        file.device(TaskFile.OBSOLETE_BITS);
        file.status(READY);
        resetUnit();
    }

    /** Power-on state of what the drive has beyond its registers. */
    abstract void resetUnit();

    @Override
    public final void reset() {
        // Its transport resets it, which may be in the middle of a command.
    }

    @Override
    public final void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        file.save(out);
        command.save(out);
        saveUnit(out);
    }

    @Override
    public final void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        file.load(in);
        command.load(in);
        loadUnit(in);
    }

    abstract void saveUnit(StateWriter out);

    abstract void loadUnit(StateReader in);
}
