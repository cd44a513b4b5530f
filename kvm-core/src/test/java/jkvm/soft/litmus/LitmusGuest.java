package jkvm.soft.litmus;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;
import jkvm.linux.FfmSyscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.soft.kvm.SoftKvm;
import jkvm.vm.Kvm;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;

/**
 * A VM on the KVM in Java whose vCPUs execute one litmus test, a batch of cells at a time: each on a thread of the host.
 * One of the test's threads may be a device's instead.
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
    static final int CELLS = 1024;
    static final int Y = 64;
    static final long CODE = 0x10_0000;
    private static final long PAGE_TABLES = 0x1_0000, FLAGS = 0x20_0000, ONES = 0x20_1000, RESULTS = 0x21_0000,
            CELL = 0x40_0000, MEMORY = 8 << 20;
    private static final int MAX_THREADS = 4, DONE_PORT = 0x10, YIELD_PORT = 0x11;
    private static final long CR0 = 0x8005_0033L, CR4 = 0x620, EFER = 0x500;

    final Kvm kvm;
    final Vm vm;
    final GuestMemory memory;
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
        kvm = Kvm.open(new SoftKvm(new FfmSyscalls(), mode != Mode.INTERPRETED));
        vm = kvm.createVm();
        memory = MemoryBacking.ANONYMOUS.allocate(vm.syscalls(), vm.arena(), MEMORY);
        vm.setMemory(memory);
        memory.write(CODE, image());
        mapAll();
        memory.fill(ONES, 0x1000, (byte) 0);
        for (int i = 0; i < 8; i++) {
            memory.writeInt(ONES + 4 * i, 1);
        }
        for (int number = 0; number < test.threads; number++) {
            start(number, number == device ? null : vm.createVcpu(number));
        }
    }

    private static byte[] image() {
        try (InputStream in = LitmusGuest.class.getResourceAsStream("litmus.bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Pages of 2 MiB, one to one. */
    private void mapAll() {
        memory.writeLong(PAGE_TABLES, PAGE_TABLES + 0x1000 | 7);
        memory.writeLong(PAGE_TABLES + 0x1000, PAGE_TABLES + 0x2000 | 7);
        for (int i = 0; i < MEMORY >> 21; i++) {
            memory.writeLong(PAGE_TABLES + 0x2000 + 8 * i, (long) i << 21 | 0x87);
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
        enter(vcpu, is64);
        KvmRegs regs = new KvmRegs();
        regs.rip(memory.readInt(CODE + 4L * (MAX_THREADS * test.ordinal() + number)));
        regs.rdi(cell(0));
        regs.rsi(result(number, 0));
        regs.rbp(flag(number));
        regs.rdx(FLAGS);
        regs.rsp(CELLS);
        regs.rflags(2);
        vcpu.regs(regs);
        while (true) {
            int reason = vcpu.run();
            if (reason != KvmExit.IO) {
                throw new AssertionError("exit " + reason + " at " + Long.toHexString(vcpu.regs().rip()));
            }
            if (vcpu.kvmRun().ioPort() == DONE_PORT) {
                return;
            }
            Thread.yield();
        }
    }

    private static void enter(Vcpu vcpu, boolean is64) {
        KvmSregs sregs = vcpu.sregs();
        for (KvmSegment segment : List.of(sregs.cs(), sregs.ds(), sregs.es(), sregs.ss())) {
            segment.base(0);
            segment.limit(-1);
            segment.g(true);
            segment.db(true);
            segment.type(3);
        }
        sregs.cs().type(11);
        sregs.cs().l(is64);
        sregs.cs().db(!is64);
        sregs.cr0(CR0);
        sregs.cr3(PAGE_TABLES);
        sregs.cr4(CR4);
        sregs.efer(EFER);
        vcpu.sregs(sregs);
    }

    /** Executes a batch. @return how many cells show the outcome that only a weak order gives */
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
        vm.close();
        kvm.close();
    }
}
