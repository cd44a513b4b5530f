package jkvm.soft.litmus;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import jkvm.abi.KvmRegs;
import jkvm.memory.GuestMemory;
import jkvm.vm.Vcpu;

/**
 * A VM on the KVM in Java whose vCPUs execute one litmus test, a batch of cells at a time: each on a thread of the
 * host. One of the test's threads may be a device's instead.
 */
final class LitmusGuest implements AutoCloseable {
    /** How the vCPUs' code is executed. 32-bit code is not compiled. */
    enum Mode {
        INTERPRETED, COMPILED,
        /** One thread is compiled and the others are not, another one in each batch. */
        MIXED
    }

    static final int NO_DEVICE = -1;
    /** Cells of a batch. */
    static final int CELLS = 256;
    static final int Y = 64;
    private static final long FLAGS = 0x20_0000, ONES = 0x20_1000, RESULTS = 0x21_0000, CELL = 0x40_0000;
    private static final int MAX_THREADS = 4;

    private final SmpGuest guest;
    private final GuestMemory memory;
    private final Litmus test;
    private final Mode mode;
    private final List<Thread> threads = new ArrayList<>();
    private final CyclicBarrier barrier;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean closed;
    private int batch;

    /** @param device the number of the thread that a device plays, or {@link #NO_DEVICE} */
    LitmusGuest(Litmus test, Mode mode, int device) {
        this.test = test;
        this.mode = mode;
        barrier = new CyclicBarrier(test.threads + 1);
        guest = new SmpGuest("litmus.bin", mode != Mode.INTERPRETED);
        memory = guest.memory;
        memory.fill(ONES, 0x1000, (byte) 0);
        for (int i = 0; i < 8; i++) {
            memory.writeInt(ONES + 4 * i, 1);
        }
        for (int number = 0; number < test.threads; number++) {
            start(number, number == device ? null : guest.vm.createVcpu(number));
        }
    }

    static long cell(int i) {
        return CELL + 2L * Y * i;
    }

    static long result(int thread, int i) {
        return RESULTS + 8L * (thread * CELLS + i);
    }

    static long flag(int thread) {
        return FLAGS + 64L * thread;
    }

    private void start(int number, Vcpu vcpu) {
        DeviceThread device = vcpu == null ? new DeviceThread(memory, test, number) : null;
        threads.add(Thread.ofPlatform().name("litmus-" + number).start(() -> {
            try {
                barrier.await();
                while (!closed) {
                    if (device != null) {
                        device.run();
                    } else {
                        run(vcpu, number);
                    }
                    barrier.await();
                    barrier.await();
                }
            } catch (BrokenBarrierException e) {
                // Another thread has failed.
            } catch (InterruptedException | RuntimeException | AssertionError e) {
                failure.compareAndSet(null, e);
                barrier.reset();
            }
        }));
    }

    private void run(Vcpu vcpu, int number) {
        boolean is64 = mode != Mode.MIXED || batch % test.threads == number;
        SmpGuest.enter(vcpu, is64);
        KvmRegs regs = new KvmRegs();
        regs.rip(guest.entry(MAX_THREADS * test.ordinal() + number));
        regs.rdi(cell(0));
        regs.rsi(result(number, 0));
        regs.rbp(flag(number));
        regs.rdx(FLAGS);
        regs.rsp(CELLS);
        SmpGuest.runToEnd(vcpu, regs);
    }

    /**
     * Executes a batch.
     *
     * @return how many cells show the outcome that only a weak order gives
     */
    int batch() throws InterruptedException {
        memory.fill(CELL, 2L * Y * CELLS, (byte) 0);
        for (int thread = 0; thread < MAX_THREADS; thread++) {
            memory.writeInt(flag(thread), thread < test.threads ? 0 : Integer.MAX_VALUE);
        }
        try {
            barrier.await();
            barrier.await();
        } catch (BrokenBarrierException e) {
            throw new AssertionError(test + " " + mode, failure.get());
        }
        batch++;
        int weak = 0;
        for (int i = 0; i < CELLS; i++) {
            weak += test.weak.test(new Cell(memory, i)) ? 1 : 0;
        }
        return weak;
    }

    private record Cell(GuestMemory memory, int number) implements Litmus.Outcome {
        @Override
        public int r(int thread, int load) {
            return memory.readInt(result(thread, number) + 4L * load);
        }

        @Override
        public int x() {
            return memory.readInt(cell(number));
        }

        @Override
        public int y() {
            return memory.readInt(cell(number) + Y);
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            if (failure.get() == null) {
                barrier.await();
            }
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new AssertionError(e);
        }
        guest.close();
    }
}
