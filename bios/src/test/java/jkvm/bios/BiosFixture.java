package jkvm.bios;

import java.lang.foreign.Arena;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.tables.PlatformDescription;
import jkvm.work.VmClock;

/**
 * A BIOS without a machine: RAM, ports that hold what is written to them, a clock that tests move. A call of a service
 * goes through a frame in memory as from the ROM's code.
 */
public final class BiosFixture {
    public static final int MEMORY_SIZE = 4 << 20;
    public static final int STACK_SEGMENT = 0x1000;
    public static final int STACK_OFFSET = 0x8000;

    private static final int PORTS = 0x10000;
    private static final int COM1 = 0x3F8;
    private static final int LINE_STATUS = COM1 + 5;
    private static final int DATA_READY = 1;
    private static final int ROOM = 0x60;
    private static final int FRAME_SIZE = 54;
    private static final int TARGET_OFFSET = 42;
    private static final int NUMBER_OFFSET = 46;

    /** Ports by number. */
    public final byte[] ports = new byte[PORTS];
    /** What COM1 has received; without any, its registers are ports as all others. */
    public final Deque<Character> serialInput = new ArrayDeque<>();
    /** Guest time. */
    public long nanos;
    /** The last moment of an alarm; -1 if there is none. */
    public long alarm = -1;
    private final GuestMemory ram = new GuestMemory(List.of(new MemoryRegion(0,
            Arena.ofAuto().allocate(MEMORY_SIZE, 4096))));
    private final Call call;
    private final BiosHost host;
    private ServiceTable services;
    private Outcome outcome;

    /** @param makeServices of a host; what they answer is asked for by {@link #call} */
    public BiosFixture(Function<BiosHost, ServiceTable> makeServices) {
        host = new BiosHost(ram, new PlainMemory(ram), new HeldPorts(), new MovedClock(), new NotedAlarm(),
                new PlatformDescription(1, List.of(PlatformDescription.COM1), true, true), true);
        services = makeServices.apply(host);
        call = new Call(ram, host.memory());
    }

    public BiosHost host() {
        return host;
    }

    public GuestMemory ram() {
        return ram;
    }

    /** Replaces services. */
    public void services(ServiceTable others) {
        services = others;
    }

    /** How the last call has ended. */
    public Outcome outcome() {
        return outcome;
    }

    /**
     * Calls a service anew.
     *
     * @param registers sets the caller's
     * @return the same call, with its results
     */
    public Call call(int number, Consumer<Call> registers) {
        ram.fill(SegmentedMemory.linear(STACK_SEGMENT, STACK_OFFSET), FRAME_SIZE, (byte) 0);
        ram.writeShort(SegmentedMemory.linear(STACK_SEGMENT, STACK_OFFSET + NUMBER_OFFSET), (short) number);
        call.begin(STACK_SEGMENT, STACK_OFFSET);
        registers.accept(call);
        call.end(Outcome.DONE);
        return again();
    }

    /** Asks the last call again, as the ROM's code does after an interrupt. */
    public Call again() {
        call.begin(STACK_SEGMENT, STACK_OFFSET);
        outcome = services.find(call.number(), call.ah()).call(call);
        call.end(outcome);
        return call;
    }

    /** Changes the registers of the last call, as a handler of the guest's does that the service wants to run. */
    public void change(Consumer<Call> registers) {
        call.begin(STACK_SEGMENT, STACK_OFFSET);
        registers.accept(call);
        call.end(outcome);
    }

    /** The guest's code that the last call wants to run: segment in the upper half, offset in the lower. */
    public int target() {
        return ram.readInt(SegmentedMemory.linear(STACK_SEGMENT, STACK_OFFSET + TARGET_OFFSET));
    }

    private final class HeldPorts implements Ports {
        @Override
        public int in(int port) {
            if (!serialInput.isEmpty() && port == LINE_STATUS) {
                return DATA_READY | ROOM;
            }
            return !serialInput.isEmpty() && port == COM1 ? serialInput.poll() : ports[port & PORTS - 1] & 0xFF;
        }

        @Override
        public void out(int port, int value) {
            ports[port & PORTS - 1] = (byte) value;
        }

        @Override
        public int inWord(int port) {
            return in(port) | in(port + 1) << Byte.SIZE;
        }

        @Override
        public void outWord(int port, int value) {
            out(port, value);
            out(port + 1, value >> Byte.SIZE);
        }

        @Override
        public int inInt(int port) {
            return in(port) | in(port + 1) << 8 | in(port + 2) << 16 | in(port + 3) << 24;
        }

        @Override
        public void outInt(int port, int value) {
            outWord(port, value);
            outWord(port + 2, value >> Short.SIZE);
        }
    }

    private final class MovedClock implements VmClock {
        @Override
        public long nanoTime() {
            return nanos;
        }

        @Override
        public Instant wallTime() {
            return Instant.EPOCH.plusNanos(nanos);
        }

        @Override
        public Timer newTimer(Runnable action) {
            throw new UnsupportedOperationException("no timer here");
        }
    }

    private final class NotedAlarm implements Alarm {
        @Override
        public void ring() {
            alarm = nanos;
        }

        @Override
        public void ringAt(long moment) {
            alarm = moment;
        }
    }
}
