package jkvm.work;

import java.util.Objects;

/**
 * Input that a guest has taken, or is to take.
 *
 * @param count   instructions executed before
 * @param nanos   of the guest's time
 * @param channel the way by which it comes, such as {@code serial0.data}; no white space
 * @param data    of the channel's own kind
 */
public record InputEntry(long count, long nanos, String channel, byte[] data) {
    public InputEntry {
        Objects.requireNonNull(data);
        if (channel.isEmpty() || channel.chars().anyMatch(each -> each <= ' ')) {
            throw new IllegalArgumentException("channel '" + channel + "'");
        }
    }
}
