package jkvm.work;

import java.util.function.Consumer;

/** One way of input from outside to a guest whose time is counted. */
public final class InputChannel {
    private static final byte[] NOTHING = {};

    private final InputGate gate;
    private final String name;

    InputChannel(InputGate gate, String name, Consumer<byte[]> taker) {
        this.gate = gate;
        this.name = name;
        gate.channel(name, taker);
    }

    /** Gives input to the guest, and writes it down. On the vCPU's thread within {@link InstructionClock#input}. */
    public void deliver(byte[] data) {
        gate.deliver(name, data);
    }

    /** As {@link #deliver(byte[])}, where that it comes is all. */
    public void deliver() {
        gate.deliver(name, NOTHING);
    }

    /** Writes input down that the guest has taken in another way, while the vCPU stands. */
    public void record() {
        gate.record(name, NOTHING);
    }
}
