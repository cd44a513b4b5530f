package jkvm.device.scsi;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The units that share one address of a SCSI bus, and the commands that the address answers itself: REPORT LUNS, and
 * all to a unit that it does not have. Immutable.
 */
public final class ScsiTarget {
    /** The numbers of units are below. */
    public static final int MAX_UNITS = 1 << 14;
    private static final int REPORT_LUNS = 0xA0;
    private static final int INQUIRY = 0x12;
    private static final int REQUEST_SENSE = 0x03;
    private static final int EVPD_BIT = 0x01;
    private static final int NO_UNIT = 0x7F;
    private static final int SPC_3 = 5;
    private static final int INQUIRY_SIZE = 36;
    private static final int LIST_HEADER_SIZE = 8;
    private static final int FLAT_SPACE = 0x4000;
    private static final int SMALL = 256;
    private static final int WELL_KNOWN_REPORT = 1;
    /** The most that one answer tells of. */
    private static final int MAX_LISTED = (ScsiCommand.MAX_ANSWER - LIST_HEADER_SIZE) / Long.BYTES;

    private final int[] numbers;
    private final ScsiUnit[] units;

    /** An address without units. */
    public ScsiTarget() {
        this(new int[0], new ScsiUnit[0]);
    }

    private ScsiTarget(int[] numbers, ScsiUnit[] units) {
        this.numbers = numbers;
        this.units = units;
    }

    /** The same with one more unit, whose number is free. */
    public ScsiTarget with(int number, ScsiUnit unit) {
        int at = -Arrays.binarySearch(numbers, number) - 1;
        int[] newNumbers = new int[numbers.length + 1];
        ScsiUnit[] newUnits = new ScsiUnit[numbers.length + 1];
        System.arraycopy(numbers, 0, newNumbers, 0, at);
        System.arraycopy(units, 0, newUnits, 0, at);
        newNumbers[at] = number;
        newUnits[at] = unit;
        System.arraycopy(numbers, at, newNumbers, at + 1, numbers.length - at);
        System.arraycopy(units, at, newUnits, at + 1, numbers.length - at);
        return new ScsiTarget(newNumbers, newUnits);
    }

    /** A unit by its number; null if there is none. */
    public ScsiUnit unit(int number) {
        int at = Arrays.binarySearch(numbers, number);
        return at < 0 ? null : units[at];
    }

    /** How many units there are. */
    public int count() {
        return units.length;
    }

    /** Resets all units. */
    public void reset() {
        for (ScsiUnit unit : units) {
            unit.reset();
        }
    }

    /** True for a command that the address answers, whichever unit it is for. */
    public static boolean isReport(ScsiCommand command) {
        return command.operation() == REPORT_LUNS;
    }

    /**
     * Carries out a command that {@link #isReport is about the units}, or is for one that is not there.
     *
     * @param sense takes sense data if it ends in CHECK CONDITION
     * @return the bytes of it
     */
    public int answer(ScsiCommand command, byte[] sense) {
        Sense reason = new Sense();
        switch (command.operation()) {
            case REPORT_LUNS -> {
                if (command.number(6, 4) < 2 * LIST_HEADER_SIZE) {
                    reason.set(Sense.ILLEGAL_REQUEST, Sense.INVALID_FIELD_IN_CDB);
                } else {
                    command.answer(report(command), command.number(6, 4));
                }
            }
            case INQUIRY -> {
                if ((command.at(1) & EVPD_BIT) != 0 || command.at(2) != 0) {
                    reason.set(Sense.ILLEGAL_REQUEST, Sense.INVALID_FIELD_IN_CDB);
                } else {
                    Arrays.fill(command.data(), 0, INQUIRY_SIZE, (byte) 0);
                    command.data()[0] = NO_UNIT;
                    command.data()[2] = SPC_3;
                    command.data()[3] = 2;
                    command.data()[4] = INQUIRY_SIZE - 5;
                    command.answer(INQUIRY_SIZE, command.number(3, 2));
                }
            }
            case REQUEST_SENSE -> {
                reason.set(Sense.ILLEGAL_REQUEST, Sense.UNIT_NOT_SUPPORTED);
                command.answer(reason.put(command.data()), command.at(4));
                return 0;
            }
            default -> reason.set(Sense.ILLEGAL_REQUEST, Sense.UNIT_NOT_SUPPORTED);
        }
        if (reason.key() == Sense.NO_SENSE) {
            return 0;
        }
        command.end(ScsiCommand.CHECK_CONDITION);
        return reason.put(sense);
    }

    private int report(ScsiCommand command) {
        ByteBuffer out = ByteBuffer.wrap(command.data());
        boolean isWellKnown = command.at(2) == WELL_KNOWN_REPORT;
        boolean addsZero = !isWellKnown && unit(0) == null;
        int count = isWellKnown ? 0 : Math.min(numbers.length, MAX_LISTED - 1);
        out.putInt((count + (addsZero ? 1 : 0)) * Long.BYTES).putInt(0);
        if (addsZero) {
            out.putLong(0);
        }
        for (int i = 0; i < count; i++) {
            out.putShort((short) (numbers[i] < SMALL ? numbers[i] : FLAT_SPACE | numbers[i])).putShort((short) 0)
                    .putInt(0);
        }
        return out.position();
    }
}
