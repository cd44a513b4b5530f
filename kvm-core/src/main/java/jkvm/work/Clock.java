package jkvm.work;

/** The source of a machine's time. Any thread may ask. */
public interface Clock {

    /** The host's monotonic clock and its date. */
    Clock HOST = new Clock() {
        private static final long NANOS_PER_MILLI = 1_000_000;

        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public long wallNanos() {
            return System.currentTimeMillis() * NANOS_PER_MILLI;
        }
    };

    /** Nanoseconds since any fixed moment, never going back. */
    long nanos();

    /** The date: nanoseconds since 1970 in UTC. */
    long wallNanos();
}
