package jkvm.vm;

import jkvm.abi.KvmExit;
import jkvm.linux.LinuxException;
import jkvm.work.Threads;

/**
 * The platform thread that runs one vCPU, and its control from other threads: start, pause, resume, stop. Each of these
 * may come from any thread, in any state, more than once. If the vCPU is closed under it, the thread ends and the
 * handler is told of an {@link IllegalStateException}. A request takes effect when the guest's current port or
 * memory access is complete, so that the registers of a paused vCPU are whole.
 *
 * {@snippet :
 * try (Kvm kvm = Accelerators.open("soft").openKvm(); Vm vm = kvm.createVm()) {
 *     GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(kvm.syscalls(), vm.arena(), 1 << 20);
 *     memory.write(0xFFFF0, new byte[] {(byte) 0xEB, (byte) 0xFE});   // jmp . for ever
 *     vm.setTssAddress(KvmLayout.TSS_ADDRESS);
 *     vm.setMemory(memory);
 *     Vcpu vcpu = vm.createVcpu(0);
 *     KvmSregs segments = vcpu.sregs();
 *     segments.cs().base(0xF0000);                       // to the program; rip is 0xFFF0 already
 *     vcpu.sregs(segments);
 *
 *     ExitHandler handler = new ExitHandler() {
 *         public boolean handle(Vcpu vcpu, int reason) {
 *             System.out.println(KvmExit.name(reason));
 *             return false;                              // end the thread
 *         }
 *
 *         public void failed(Vcpu vcpu, RuntimeException cause) {
 *             System.err.println(cause);
 *         }
 *     };
 *     try (VcpuThread thread = new VcpuThread(vcpu, handler, "vcpu0")) {
 *         thread.start();
 *         thread.pause();                                // now its registers may be read
 *         assert vcpu.regs().rip() == 0xFFF0;
 *         thread.resume();
 *     }                                                  // stops it and waits for its end
 * }
 * }
 *
 * <p>Locking: this object's monitor guards {@code request} and {@code parked}; nothing is called with it held but
 * {@link Vcpu#interrupt()}.
 */
public final class VcpuThread implements AutoCloseable {
    private enum Request { RUN, PAUSE, STOP }

    private final Vcpu vcpu;
    private final ExitHandler handler;
    private final Thread thread;
    private Request request = Request.RUN;
    private boolean started;
    private boolean parked;
    /** Written by the thread when it starts. */
    private volatile int kernelId;

    /**
     * Makes the thread; {@link #start()} starts it.
     *
     * @param name of the thread
     */
    public VcpuThread(Vcpu vcpu, ExitHandler handler, String name) {
        this.vcpu = vcpu;
        this.handler = handler;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::loop);
    }

    /** Starts the thread; a second call does nothing. After {@link #pause()} it starts paused. */
    public synchronized void start() {
        if (!started && request != Request.STOP) {
            thread.start();
            started = true;
        }
    }

    /** Asks for a pause and returns at once; {@link #pause()} waits until it has begun. A device may call it. */
    public synchronized void requestPause() {
        if (request == Request.RUN) {
            request = Request.PAUSE;
            vcpu.interrupt();
        }
    }

    /**
     * Pauses the vCPU and returns when it is, or when its thread has ended. Called on the vCPU's own thread it returns
     * at once, and the pause begins when the exit handler has returned. On the thread of another vCPU, which may be
     * asked the same at that moment, use {@link #requestPause()}.
     */
    public synchronized void pause() {
        requestPause();
        boolean interrupted = false;
        while (started && request != Request.RUN && !parked && !isOwnThread()) {
            interrupted |= awaitChange();
        }
        restore(interrupted);
    }

    /** Lets a paused vCPU go on. */
    public synchronized void resume() {
        if (request == Request.PAUSE) {
            request = Request.RUN;
            notifyAll();
        }
    }

    /** Asks the thread to end and returns at once; {@link #join()} waits until it has. A device may call it. */
    public synchronized void requestStop() {
        request = Request.STOP;
        vcpu.interrupt();
        notifyAll();
    }

    /**
     * Ends the thread and waits until it has ended. On the vCPU's own thread it ends when the exit handler returns. On
     * the thread of another vCPU use {@link #requestStop()}.
     */
    public void stop() {
        requestStop();
        join();
    }

    /** Waits until the thread has ended. */
    public void join() {
        if (started()) {
            Threads.join(thread);
        }
    }

    /** True from the start of the thread until its end, while it is paused too. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    /** True for a caller on this thread: an exit handler, and what it calls. */
    public boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    /** The kernel's id of the thread; 0 before it starts. */
    public int kernelId() {
        return kernelId;
    }

    /** The vCPU that the thread runs. */
    public Vcpu vcpu() {
        return vcpu;
    }

    @Override
    public void close() {
        stop();
    }

    private synchronized boolean started() {
        return started;
    }

    private void loop() {
        kernelId = vcpu.callingThreadId();
        try {
            int errno = mayRun() ? new VcpuLoop(vcpu, handler, this::mayRun).run() : 0;
            if (errno != 0) {
                throw failure(errno);
            }
        } catch (RuntimeException e) {
            // Shared memory may vanish under the handler a moment before run() would have told the same.
            boolean vanished = e instanceof IllegalStateException && vcpu.isClosed();
            handler.failed(vcpu, vanished ? vcpu.closedFailure() : e);
        } catch (Error e) {
            handler.failed(vcpu, new IllegalStateException("exit handler failed: " + e, e));
        } finally {
            synchronized (this) {
                parked = true;
                notifyAll();
            }
        }
    }

    private LinuxException failure(int errno) {
        if (vcpu.kvmRun().exitReason() == KvmExit.MEMORY_FAULT) {
            return new LinuxException("KVM_RUN", errno, "memory fault at guest physical address 0x%x, %d bytes"
                    .formatted(vcpu.kvmRun().memoryFaultGpa(), vcpu.kvmRun().memoryFaultSize()));
        }
        return new LinuxException("KVM_RUN", errno);
    }

    /**
     * Waits while paused.
     *
     * @return false to end the thread
     */
    private synchronized boolean mayRun() {
        boolean interrupted = false;
        while (request == Request.PAUSE) {
            parked = true;
            notifyAll();
            interrupted |= awaitChange();
        }
        restore(interrupted);
        parked = false;
        return request == Request.RUN;
    }

    /** @return true if the calling thread was interrupted meanwhile */
    @SuppressWarnings("WaitNotInLoop")   // its callers' loops check the condition
    private boolean awaitChange() {
        try {
            wait();
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
