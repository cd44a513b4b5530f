package jkvm.soft.litmus;

import java.lang.invoke.VarHandle;
import jkvm.memory.GuestMemory;

/** A litmus test's thread as a device plays it: a thread of the host that uses guest memory as devices do. */
final class DeviceThread {
    private static final int SPINS = 2_000;
    private final GuestMemory memory;
    private final Litmus test;
    private final int number;

    DeviceThread(GuestMemory memory, Litmus test, int number) {
        this.memory = memory;
        this.test = test;
        this.number = number;
    }

    /** One batch of cells, in step with the guest. */
    void run() {
        for (int i = 0; i < LitmusGuest.CELLS; i++) {
            awaitAll(i + 1);
            long x = LitmusGuest.cell(i);
            access(x, x + LitmusGuest.Y, LitmusGuest.result(number, i));
        }
    }

    private void awaitAll(int step) {
        memory.writeIntRelease(LitmusGuest.flag(number), step);
        for (int thread = 0; thread < test.threads; thread++) {
            for (int spins = 1; memory.readIntAcquire(LitmusGuest.flag(thread)) < step; spins++) {
                if (spins % SPINS == 0) {
                    Thread.yield();
                }
            }
        }
    }

    private void access(long x, long y, long result) {
        switch (test) {
            case MP -> passMessage(x, y, result);
            case SB_MFENCE -> {
                memory.writeInt(number == 0 ? x : y, 1);
                VarHandle.fullFence();
                memory.writeInt(result, memory.readInt(number == 0 ? y : x));
            }
            case LB -> {
                int seen = memory.readIntAcquire(number == 0 ? x : y);
                memory.writeIntRelease(number == 0 ? y : x, 1);
                memory.writeInt(result, seen);
            }
            case S -> {
                if (number == 0) {
                    memory.writeInt(x, 2);
                    memory.writeIntRelease(y, 1);
                } else {
                    int seen = memory.readIntAcquire(y);
                    memory.writeInt(x, 1);
                    memory.writeInt(result, seen);
                }
            }
            default -> throw new IllegalArgumentException(test.name());
        }
    }

    private void passMessage(long x, long y, long result) {
        if (number == 0) {
            memory.writeInt(x, 1);
            memory.writeIntRelease(y, 1);
        } else {
            int flag = memory.readIntAcquire(y);
            memory.writeInt(result + 4, memory.readInt(x));
            memory.writeInt(result, flag);
        }
    }
}
