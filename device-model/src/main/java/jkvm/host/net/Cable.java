package jkvm.host.net;

/** The cable of a network card, which users pull and plug in again. Any thread may call. */
@FunctionalInterface
public interface Cable {
    /** @param isIn false: frames are lost in both directions, and the guest sees a link that is down */
    void plug(boolean isIn);
}
