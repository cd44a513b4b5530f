package jkvm.device.ide;

import jkvm.bus.IrqLine;
import jkvm.device.ide.AtaCommand.Phase;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * A channel: a cable with up to two drives, its registers, its interrupt and its bus master. One command is under way
 * at a time. All that may wait for the host is done by the channel's worker.
 *
 * <p>Its monitor guards all but the bytes that are moving; with it held only the interrupt line and guest memory are
 * called.
 */
final class IdeChannel {
    static final int NO_INTERRUPT_BIT = 0x02;
    static final int SOFT_RESET_BIT = 0x04;
    static final int HIGH_ORDER_BIT = 0x80;

    private static final int STATE_VERSION = 1;
    private static final int MAX_PIECE = 1 << 20;

    /** The worker's next task. */
    private enum Task {
        NONE,
        /** To move a block between the drive and the buffer. */
        MOVE,
        /** To move a phase between the drive and guest memory. */
        DMA,
        /** To end a phase that moved nothing more. */
        PHASE_OVER
    }

    /** The reset that waits for the worker. */
    private enum Reset { NONE, UNIT, CABLE }

    private final String name;
    private final IrqLine irq;
    private final Worker worker;
    private final BusMaster master;
    private final IdeCable cable = new IdeCable();
    private final DataPort data = new DataPort();
    private int control;
    private boolean interrupt;
    /** The drive whose command is under way, or was the last. */
    private int current;
    private Task task = Task.NONE;
    private boolean waitsForMaster;
    /** True while the worker moves bytes without the monitor. */
    private boolean working;
    private volatile boolean cancelled;
    private Reset resetAfterwards = Reset.NONE;

    IdeChannel(String name, IrqLine irq, Workers workers, BusMaster master) {
        this.name = name;
        this.irq = irq;
        this.master = master;
        this.worker = workers.worker(name, this::round);
    }

    /** Puts a drive on the cable. Before the guest runs. */
    void plug(int unit, AtaUnit drive) {
        cable.plug(unit, drive);
    }

    /** The drive there, or null. */
    AtaUnit unit(int unit) {
        return cable.unit(unit);
    }

    private AtaUnit currentUnit() {
        return cable.unit(current);
    }

    String name() {
        return name;
    }

    /** The guest reads the command block. */
    synchronized long read(int register, int size) {
        if (register == TaskFile.DATA) {
            return readData(size);
        }
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (long) readRegister(register + i) << i * Byte.SIZE;
        }
        return value;
    }

    private int readRegister(int register) {
        if (register == TaskFile.STATUS) {
            lower();
        }
        return cable.read(register, (control & HIGH_ORDER_BIT) != 0);
    }

    /** The guest reads the alternate status, which leaves the interrupt as it is. */
    synchronized int readAlternateStatus() {
        AtaUnit unit = cable.selectedUnit();
        return unit == null ? 0 : unit.file.status();
    }

    /** The guest writes the command block. */
    synchronized void write(int register, int size, long value) {
        if (register == TaskFile.DATA) {
            writeData(size, value);
            return;
        }
        for (int i = 0; i < size; i++) {
            writeRegister(register + i, (int) (value >> i * Byte.SIZE) & 0xFF);
        }
    }

    private void writeRegister(int register, int value) {
        control &= ~HIGH_ORDER_BIT;
        if (register == TaskFile.COMMAND) {
            execute(value);
        } else {
            cable.write(register, value);
        }
    }

    /** The guest writes the control register. */
    synchronized void writeControl(int value) {
        boolean begins = (value & ~control & SOFT_RESET_BIT) != 0;
        boolean ends = (~value & control & SOFT_RESET_BIT) != 0;
        control = value;
        if (begins) {
            stop();
            cable.status(TaskFile.BSY);
        } else if (ends && working) {
            resetAfterwards = Reset.CABLE;
        } else if (ends) {
            softReset();
        }
    }

    /** Drops what is under way: at once, or when the worker comes back. */
    private void stop() {
        task = Task.NONE;
        waitsForMaster = false;
        data.close();
        lower();
        if (working) {
            cancelled = true;
        } else if (currentUnit() != null) {
            currentUnit().cancel();
        }
    }

    private void softReset() {
        resetAfterwards = Reset.NONE;
        cable.softReset();
    }

    private boolean isBusy() {
        return working || task != Task.NONE || (control & SOFT_RESET_BIT) != 0
                || currentUnit() != null && (currentUnit().file.status() & (TaskFile.BSY | TaskFile.DRQ)) != 0;
    }

    private void execute(int opcode) {
        AtaUnit unit = cable.selectedUnit();
        if (unit == null) {
            return;
        }
        boolean resetsUnit = opcode == AtaUnit.DEVICE_RESET && unit.takesPackets();
        if (isBusy() && !(resetsUnit && cable.selected() == current && (control & SOFT_RESET_BIT) == 0)) {
            return;
        }
        if (resetsUnit) {
            resetUnit(unit);
            return;
        }
        lower();
        if (opcode == AtaUnit.EXECUTE_DIAGNOSTIC) {
            softReset();
            raise();
            return;
        }
        current = cable.selected();
        unit.start(opcode);
        enter();
    }

    private void resetUnit(AtaUnit unit) {
        stop();
        if (working) {
            unit.file.status(TaskFile.BSY);
            resetAfterwards = Reset.UNIT;
        } else {
            unit.softReset();
        }
    }

    /** Goes on with the phase that the drive has named. */
    private void enter() {
        AtaUnit unit = currentUnit();
        AtaCommand command = unit.command;
        switch (command.phase()) {
            case ENDED -> complete(true);
            case WORK -> post(Task.PHASE_OVER);
            case PIO_IN -> {
                if (command.isOfMedium()) {
                    post(Task.MOVE);
                } else {
                    int count = command.nextBlock();
                    unit.move(data.buffer(), 0, count);
                    present(count, true);
                }
            }
            case PIO_OUT -> present(command.nextBlock(), !command.isFirstBlock());
            case DMA_IN, DMA_OUT -> {
                unit.file.status(AtaUnit.READY | TaskFile.DRQ);
                waitsForMaster = true;
                startDma();
            }
        }
    }

    private void post(Task next) {
        currentUnit().file.status(TaskFile.BSY | AtaUnit.READY);
        task = next;
        worker.wake();
    }

    private void startDma() {
        if (waitsForMaster && master.isStarted()) {
            waitsForMaster = false;
            post(Task.DMA);
        }
    }

    /** Lets the processor move a block. */
    private void present(int count, boolean interrupts) {
        AtaUnit unit = currentUnit();
        data.open(count);
        unit.presenting(count);
        unit.file.status(AtaUnit.READY | TaskFile.DRQ);
        if (interrupts) {
            raise();
        }
    }

    private void complete(boolean interrupts) {
        currentUnit().complete();
        if (interrupts) {
            raise();
        }
    }

    private boolean movesBlock(boolean isOut) {
        AtaUnit unit = currentUnit();
        return cable.selected() == current && unit != null && data.isOpen() && (unit.file.status() & TaskFile.DRQ) != 0
                && (unit.command.phase() == Phase.PIO_OUT) == isOut;
    }

    private long readData(int size) {
        if (!movesBlock(false)) {
            return 0;
        }
        long value = data.read(size);
        if (!data.isOpen()) {
            blockRead();
        }
        return value;
    }

    private void blockRead() {
        AtaUnit unit = currentUnit();
        data.close();
        if (unit.command.left() > 0) {
            enter();
        } else if (unit.takesPackets() && unit.command.isOfMedium()) {
            post(Task.PHASE_OVER);
        } else {
            unit.command.end();
            complete(false);
        }
    }

    private void writeData(int size, long value) {
        if (!movesBlock(true)) {
            return;
        }
        data.write(size, value);
        if (!data.isOpen()) {
            post(Task.MOVE);
        }
    }

    private void raise() {
        if ((control & NO_INTERRUPT_BIT) == 0) {
            interrupt = true;
            master.interrupted();
            irq.set(true);
        }
    }

    private void lower() {
        if (interrupt) {
            interrupt = false;
            irq.set(false);
        }
    }

    /** The guest reads a bus master register. */
    synchronized long readMaster(int offset, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= master.read(offset + i) << i * Byte.SIZE;
        }
        return value;
    }

    /** The guest writes bus master registers. */
    synchronized void writeMaster(int offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            int each = (int) (value >> i * Byte.SIZE) & 0xFF;
            switch (offset + i) {
                case BusMaster.COMMAND_OFFSET -> writeMasterCommand(each);
                case BusMaster.STATUS_OFFSET -> master.writeStatus(each);
                default -> {
                    if (offset + i >= BusMaster.TABLE_OFFSET) {
                        master.writeTable(offset + i - BusMaster.TABLE_OFFSET, each);
                    }
                }
            }
        }
    }

    private void writeMasterCommand(int value) {
        if (!master.writeCommand(value)) {
            return;
        }
        AtaUnit unit = currentUnit();
        if (master.isStarted()) {
            startDma();
        } else if (unit != null && unit.command.phase().isDma() && !waitsForMaster) {
            boolean wasPosted = task == Task.DMA;
            stop();
            if (wasPosted && !working) {
                unit.file.status(AtaUnit.READY);
            }
        }
    }

    private void round() {
        Task now;
        AtaUnit unit;
        synchronized (this) {
            now = task;
            if (now == Task.NONE || working) {
                return;
            }
            task = Task.NONE;
            working = true;
            cancelled = false;
            unit = currentUnit();
            master.walk();
        }
        boolean isDone = false;
        int moved = 0;
        try {
            switch (now) {
                case MOVE -> moved = moveBlock(unit);
                case DMA -> moveByMaster(unit);
                default -> unit.phaseOver();
            }
            isDone = true;
        } finally {
            synchronized (this) {
                working = false;
                back(now, unit, moved, isDone);
            }
        }
    }

    /** Moves one block; ends the phase with its last one from the processor. */
    private int moveBlock(AtaUnit unit) {
        int count = unit.command.nextBlock();
        boolean isOut = unit.command.phase() == Phase.PIO_OUT;
        unit.move(data.buffer(), 0, count);
        if (isOut && !unit.command.isEnded() && unit.command.left() == 0) {
            unit.phaseOver();
        }
        return isOut ? 0 : count;
    }

    private void moveByMaster(AtaUnit unit) {
        AtaCommand command = unit.command;
        while (command.left() > 0 && !command.isEnded() && !cancelled) {
            int piece = master.next(Math.min(command.left(), MAX_PIECE));
            if (piece == 0) {
                return;
            }
            boolean toMemory = !command.phase().isOut();
            unit.move(master.memory(), master.start(), piece);
            master.moved(piece, toMemory);
        }
        if (!command.isEnded() && !cancelled) {
            unit.phaseOver();
        }
    }

    /** The worker is back from a task. With the monitor. */
    private void back(Task done, AtaUnit unit, int moved, boolean isDone) {
        if (!isDone) {
            unit.command.fail(TaskFile.ABRT);
        }
        if (cancelled) {
            cancelled(unit);
        } else if (done == Task.DMA) {
            dmaOver(unit);
        } else if (moved > 0 && !unit.command.isEnded()) {
            present(moved, true);
        } else {
            enter();
        }
    }

    private void cancelled(AtaUnit unit) {
        Reset reset = resetAfterwards;
        cancelled = false;
        resetAfterwards = Reset.NONE;
        unit.cancel();
        if (reset == Reset.CABLE) {
            softReset();
        } else if ((control & SOFT_RESET_BIT) != 0) {
            unit.file.status(TaskFile.BSY);
        } else if (reset == Reset.UNIT) {
            unit.softReset();
        } else {
            unit.file.status(AtaUnit.READY);
        }
    }

    private void dmaOver(AtaUnit unit) {
        AtaCommand command = unit.command;
        if (command.phase().isDma() && command.left() > 0) {
            if (master.isAborted()) {
                master.aborted();
                command.fail(TaskFile.ABRT);
                complete(true);
            } else {
                // The table was too short: the drive waits for more and does not interrupt (PIIX, section 2.7).
                master.inactive();
                command.end();
                complete(false);
            }
            return;
        }
        if (command.error() != 0) {
            master.inactive();
        } else {
            master.ended();
        }
        enter();
    }

    /** Power-on state. No vCPU runs. */
    void reset() {
        worker.pause();
        synchronized (this) {
            stop();
            cancelled = false;
            control = 0;
            current = 0;
            resetAfterwards = Reset.NONE;
            cable.powerOn();
            master.reset();
        }
        worker.resume();
    }

    /** Ends the worker. No vCPU runs. */
    void close() {
        worker.close();
    }

    synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("selected", cable.selected());
        out.putInt("control", control);
        out.putBoolean("interrupt", interrupt);
        out.putInt("current", current);
        out.putInt("task", task.ordinal());
        out.putBoolean("waits for master", waitsForMaster);
        out.putInt("at", data.position());
        out.putBytes("buffer", data.block());
        master.save(out);
    }

    /** The drives are loaded apart from it. */
    synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        cable.select(in.getInt("selected", 0, 1));
        control = in.getInt("control", 0, 0xFF);
        interrupt = in.getBoolean("interrupt");
        current = in.getInt("current", 0, 1);
        task = Task.values()[in.getInt("task", 0, Task.values().length - 1)];
        waitsForMaster = in.getBoolean("waits for master");
        data.load(in.getInt("at", 0, DataPort.SIZE), in.getBytes("buffer", -1));
        master.load(in);
        if (currentUnit() == null) {
            task = Task.NONE;
            waitsForMaster = false;
            data.close();
        }
        cancelled = false;
        resetAfterwards = Reset.NONE;
        irq.set(interrupt);
        worker.wake();
    }
}
