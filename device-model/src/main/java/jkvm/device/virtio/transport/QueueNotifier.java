package jkvm.device.virtio.transport;

/** Gives queues their threads, and takes the driver's notifications to these. */
public interface QueueNotifier {

    /**
     * Begins to serve a queue.
     *
     * @param name of the queue, for its thread
     * @param work called after each {@link Service#wake()} or notification, never twice at once
     */
    Service start(String name, Runnable work);

    /** A queue that is served. Any thread may call. */
    interface Service {

        /** Has the work done once more. */
        void wake();

        /**
         * From now on a write to this guest physical address does the same as {@link #wake()}, without an exit if the
         * host can do that. Replaces what was set before.
         *
         * @param length  bytes of the write
         * @param matches whether only writes of {@code value} count
         */
        void listen(long address, int length, boolean matches, int value);

        /** Writes to guest memory wake no more. */
        void unlisten();

        /** Waits until the work does not run. It may be asked for again afterwards. */
        void awaitIdle();

        /**
         * Waits until the work does not run, and keeps it from running until {@link #leave}.
         *
         * @return false if the service was stopped; then there is nothing to leave
         */
        boolean enter();

        /** Ends what {@link #enter} began. */
        void leave();

        /**
         * Ends the service: the work is not called any more, and nobody enters.
         *
         * @param whenStopped called once when it does not run any more: at once, or at its end on its thread
         */
        void stop(Runnable whenStopped);
    }
}
