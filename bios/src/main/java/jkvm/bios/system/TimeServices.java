package jkvm.bios.system;

import jkvm.bios.BiosData;
import jkvm.bios.BiosHost;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Ports;
import jkvm.bios.Service;
import jkvm.bios.ServiceTable;

/** INT 1Ah, AH=00h to 07h: ticks since midnight, date, time and alarm of the real-time clock. INT 70h: its alarm. */
final class TimeServices {
    private static final int GET_TICKS = 0;
    private static final int SET_TICKS = 1;
    private static final int GET_TIME = 2;
    private static final int CANCEL_ALARM = 7;

    private static final int INDEX_PORT = 0x70;
    private static final int DATA_PORT = 0x71;
    private static final int SECONDS = 0;
    private static final int SECONDS_ALARM = 1;
    private static final int MINUTES = 2;
    private static final int MINUTES_ALARM = 3;
    private static final int HOURS = 4;
    private static final int HOURS_ALARM = 5;
    private static final int DAY = 7;
    private static final int MONTH = 8;
    private static final int YEAR = 9;
    private static final int REGISTER_B = 0x0B;
    private static final int REGISTER_C = 0x0C;
    private static final int CENTURY = 0x32;
    private static final int DAYLIGHT_BIT = 0x01;
    private static final int ALARM_BIT = 0x20;
    private static final int SET_BIT = 0x80;

    private static final int ALARM_VECTOR = 0x4A;
    private static final int SECONDS_OF_A_DAY = 86_400;

    private final Ports ports;

    TimeServices(BiosHost host) {
        ports = host.ports();
    }

    ServiceTable addTo(ServiceTable table) {
        ServiceTable all = table.with(Vectors.CLOCK, this::interrupt)
                .with(Vectors.TIME, TimeServices::unknown)
                .with(Vectors.TIME, GET_TICKS, TimeServices::ticks)
                .with(Vectors.TIME, SET_TICKS, TimeServices::setTicks);
        Service[] clock = {this::time, this::setTime, this::date, this::setDate, this::setAlarm, this::cancelAlarm};
        for (int function = GET_TIME; function <= CANCEL_ALARM; function++) {
            all = all.with(Vectors.TIME, function, clock[function - GET_TIME]);
        }
        return all;
    }

    private static Outcome unknown(Call call) {
        call.carry(true);
        return Outcome.DONE;
    }

    /** Tells once that midnight has passed. */
    private static Outcome ticks(Call call) {
        BiosData data = call.data();
        int ticks = data.readInt(BiosData.TICKS);
        call.cx(ticks >>> Short.SIZE);
        call.dx(ticks);
        call.al(data.readByte(BiosData.MIDNIGHT));
        data.writeByte(BiosData.MIDNIGHT, 0);
        return Status.done(call);
    }

    private static Outcome setTicks(Call call) {
        call.data().writeInt(BiosData.TICKS, call.cx() << Short.SIZE | call.dx());
        call.data().writeByte(BiosData.MIDNIGHT, 0);
        return Status.done(call);
    }

    private Outcome time(Call call) {
        call.dh(read(SECONDS));
        call.cl(read(MINUTES));
        call.ch(read(HOURS));
        call.dl(read(REGISTER_B) & DAYLIGHT_BIT);
        call.ah(0);
        call.al(call.ch());
        call.carry(false);
        return Outcome.DONE;
    }

    private Outcome setTime(Call call) {
        int control = read(REGISTER_B) & ~(SET_BIT | DAYLIGHT_BIT);
        write(REGISTER_B, control | SET_BIT);
        write(SECONDS, call.dh());
        write(MINUTES, call.cl());
        write(HOURS, call.ch());
        write(REGISTER_B, control | call.dl() & DAYLIGHT_BIT);
        return Status.done(call);
    }

    private Outcome date(Call call) {
        call.cl(read(YEAR));
        call.dh(read(MONTH));
        call.dl(read(DAY));
        call.ch(read(CENTURY));
        call.ah(0);
        call.al(call.ch());
        call.carry(false);
        return Outcome.DONE;
    }

    private Outcome setDate(Call call) {
        int control = read(REGISTER_B) & ~SET_BIT;
        write(REGISTER_B, control | SET_BIT);
        write(YEAR, call.cl());
        write(MONTH, call.dh());
        write(DAY, call.dl());
        write(CENTURY, call.ch());
        write(REGISTER_B, control);
        return Status.done(call);
    }

    /** Refused while one is set. */
    private Outcome setAlarm(Call call) {
        int control = read(REGISTER_B);
        if ((control & ALARM_BIT) != 0) {
            call.carry(true);
            return Outcome.DONE;
        }
        write(SECONDS_ALARM, call.dh());
        write(MINUTES_ALARM, call.cl());
        write(HOURS_ALARM, call.ch());
        write(REGISTER_B, control & ~SET_BIT | ALARM_BIT);
        return Status.done(call);
    }

    private Outcome cancelAlarm(Call call) {
        write(REGISTER_B, read(REGISTER_B) & ~ALARM_BIT);
        return Status.done(call);
    }

    /** The clock's interrupt: an alarm goes to the program's handler of INT 4Ah. */
    private Outcome interrupt(Call call) {
        if (call.isRepeated()) {
            return Outcome.DONE;
        }
        int cause = read(REGISTER_C) & read(REGISTER_B);
        if ((cause & ALARM_BIT) == 0) {
            return Outcome.DONE;
        }
        call.target(call.memory().readWord(0, 4 * ALARM_VECTOR + 2), call.memory().readWord(0, 4 * ALARM_VECTOR));
        return Outcome.INTERRUPT;
    }

    /** The ticks since midnight, as the clock says. */
    int ticksNow() {
        long seconds = (binary(read(HOURS)) * 60L + binary(read(MINUTES))) * 60 + binary(read(SECONDS));
        return (int) (Math.min(seconds, SECONDS_OF_A_DAY - 1) * TickServices.TICKS_OF_A_DAY / SECONDS_OF_A_DAY);
    }

    private static int binary(int decimalDigits) {
        return (decimalDigits >> 4) * 10 + (decimalDigits & 0xF);
    }

    private int read(int register) {
        ports.out(INDEX_PORT, register);
        return ports.in(DATA_PORT);
    }

    private void write(int register, int value) {
        ports.out(INDEX_PORT, register);
        ports.out(DATA_PORT, value);
    }
}
