package jkvm.bus;

/** Where message-signalled interrupts go. */
public interface MsiSink {

    /** A new interrupt source. It leads nowhere until it is routed. */
    MsiVector newVector();
}
