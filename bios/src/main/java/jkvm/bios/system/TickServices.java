package jkvm.bios.system;

import jkvm.bios.Alarm;
import jkvm.bios.BiosData;
import jkvm.bios.BiosHost;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Ports;
import jkvm.bios.ServiceTable;
import jkvm.work.VmClock;

/**
 * The timer's tick (INT 08h, 18.2 times a second), and INT 15h's waits: 86h waits, and 83h sets a flag of the program
 * later, at a tick. There is one wait at a time.
 */
final class TickServices {
    /** Ticks in a day. */
    static final int TICKS_OF_A_DAY = 0x1800B0;

    private static final int SET_FLAG_LATER = 0x83;
    private static final int WAIT = 0x86;
    private static final int BEGIN = 0;
    private static final int CANCEL = 1;
    private static final int BUSY = 0x83;
    /** In {@link BiosData#WAIT_FLAG}: a wait is under way; and in the program's flag: it is over. */
    private static final int UNDER_WAY_BIT = 1;
    private static final int OVER_BIT = 0x80;
    private static final long NANOS_PER_MICROSECOND = 1000;
    private static final long MAX_WAIT_NANOS = NANOS_PER_MICROSECOND << Integer.SIZE;

    private static final int FLOPPY_OUTPUT_PORT = 0x3F2;
    /** Not in reset, interrupts and DMA on, motors off. */
    private static final int MOTORS_OFF = 0x0C;
    private static final int MOTORS_MASK = 0x0F;

    private final VmClock clock;
    private final Alarm alarm;
    private final Ports ports;

    TickServices(BiosHost host) {
        clock = host.clock();
        alarm = host.alarm();
        ports = host.ports();
    }

    ServiceTable addTo(ServiceTable table) {
        return table.with(Vectors.TIMER, this::tick).with(Vectors.SYSTEM, WAIT, this::await)
                .with(Vectors.SYSTEM, SET_FLAG_LATER, this::setFlagLater);
    }

    private Outcome tick(Call call) {
        BiosData data = call.data();
        int ticks = data.readInt(BiosData.TICKS) + 1;
        if (Integer.compareUnsigned(ticks, TICKS_OF_A_DAY) >= 0) {
            ticks = 0;
            data.writeByte(BiosData.MIDNIGHT, data.readByte(BiosData.MIDNIGHT) + 1);
        }
        data.writeInt(BiosData.TICKS, ticks);
        stopFloppyMotors(data);
        if (isUnderWay(data) && data.readInt(BiosData.WAIT_POINTER) != 0 && isOver(data)) {
            int segment = data.readWord(BiosData.WAIT_POINTER + 2);
            int offset = data.readWord(BiosData.WAIT_POINTER);
            call.memory().writeByte(segment, offset, call.memory().readByte(segment, offset) | OVER_BIT);
            end(data);
        }
        return Outcome.DONE;
    }

    private void stopFloppyMotors(BiosData data) {
        int left = data.readByte(BiosData.FLOPPY_MOTOR_TICKS);
        if (left == 0) {
            return;
        }
        data.writeByte(BiosData.FLOPPY_MOTOR_TICKS, left - 1);
        if (left == 1) {
            data.writeByte(BiosData.FLOPPY_MOTORS, data.readByte(BiosData.FLOPPY_MOTORS) & ~MOTORS_MASK);
            ports.out(FLOPPY_OUTPUT_PORT, MOTORS_OFF);
        }
    }

    /** CX:DX microseconds. */
    private Outcome await(Call call) {
        BiosData data = call.data();
        if (!call.isRepeated()) {
            if (isUnderWay(data)) {
                return Status.failed(call, BUSY);
            }
            begin(call, 0);
        }
        if (isUnderWay(data) && !isOver(data)) {
            alarm.ringAt(data.readLong(BiosData.EXTENDED_WAIT));
            return Outcome.AGAIN;
        }
        end(data);
        return Status.done(call);
    }

    private Outcome setFlagLater(Call call) {
        BiosData data = call.data();
        switch (call.al()) {
            case BEGIN -> {
                if (isUnderWay(data)) {
                    return Status.failed(call, BUSY);
                }
                begin(call, call.es() << Short.SIZE | call.bx());
            }
            case CANCEL -> end(data);
            default -> {
                return Status.unsupported(call);
            }
        }
        return Status.done(call);
    }

    /** @param pointer to the program's flag, 0 if it waits */
    private void begin(Call call, int pointer) {
        BiosData data = call.data();
        int microseconds = call.cx() << Short.SIZE | call.dx();
        data.writeInt(BiosData.WAIT_POINTER, pointer);
        data.writeInt(BiosData.WAIT_MICROSECONDS, microseconds);
        data.writeByte(BiosData.WAIT_FLAG, UNDER_WAY_BIT);
        data.writeLong(BiosData.EXTENDED_WAIT,
                clock.nanoTime() + Integer.toUnsignedLong(microseconds) * NANOS_PER_MICROSECOND);
    }

    private static boolean isUnderWay(BiosData data) {
        return (data.readByte(BiosData.WAIT_FLAG) & UNDER_WAY_BIT) != 0;
    }

    /** A moment further away than any wait takes was not written by these services. */
    private boolean isOver(BiosData data) {
        long left = data.readLong(BiosData.EXTENDED_WAIT) - clock.nanoTime();
        return left <= 0 || left > MAX_WAIT_NANOS;
    }

    private static void end(BiosData data) {
        data.writeByte(BiosData.WAIT_FLAG, 0);
        data.writeInt(BiosData.WAIT_POINTER, 0);
    }
}
