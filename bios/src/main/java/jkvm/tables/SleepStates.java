package jkvm.tables;

/**
 * The sleep states that the tables offer besides S5, which is always there.
 *
 * @param s3 suspend to RAM
 * @param s4 suspend to disk: the guest writes its RAM to one, then the machine powers off
 */
public record SleepStates(boolean s3, boolean s4) {
    /** As a PC has them. */
    public static final SleepStates ALL = new SleepStates(true, true);
    /** S5 alone. */
    public static final SleepStates NONE = new SleepStates(false, false);
}
