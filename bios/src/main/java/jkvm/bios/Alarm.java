package jkvm.bios;

/**
 * Ends the HLT in which the ROM's code waits for a service that has answered {@link Outcome#AGAIN}, by an interrupt of
 * the disk's line (IRQ 14). Without it the service is asked at the next tick of the timer. Any thread may call.
 */
public interface Alarm {

    /** Interrupts now. */
    void ring();

    /** Interrupts at a moment of guest time, in nanoseconds; replaces an earlier moment. */
    void ringAt(long nanos);
}
