package jkvm.bus;

import java.util.ArrayList;
import java.util.List;

/** Remembers the messages that were sent, as {@code address:data} in hexadecimal. */
public final class FakeMsiSink implements MsiSink {
    private final List<String> sent = new ArrayList<>();
    private int routes;
    private int open;

    @Override
    public MsiVector newVector() {
        open++;
        return new MsiVector() {
            private String message;

            @Override
            public void route(long address, int data) {
                message = Long.toHexString(address) + ":" + Integer.toHexString(data);
                routes++;
            }

            @Override
            public void signal() {
                synchronized (sent) {
                    sent.add(String.valueOf(message));
                }
            }

            @Override
            public void close() {
                open--;
            }
        };
    }

    /** The messages sent since the last call, oldest first. */
    public List<String> take() {
        synchronized (sent) {
            List<String> result = List.copyOf(sent);
            sent.clear();
            return result;
        }
    }

    /** The vectors that were made and not given back. */
    public int open() {
        return open;
    }

    /** How often a vector was routed. */
    public int routes() {
        return routes;
    }
}
