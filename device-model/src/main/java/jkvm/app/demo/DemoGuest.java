package jkvm.app.demo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.bus.IoHandler;
import jkvm.inspect.ExitStatistics;
import jkvm.inspect.FailureReport;
import jkvm.machine.run.ExitDispatcher;
import jkvm.machine.run.ExitEvents;
import jkvm.memory.GuestMemory;
import jkvm.vm.Vcpu;
import jkvm.vm.VcpuThread;

/** The demo's guest on its thread, with two devices: a serial port's transmitter and an exit port. */
final class DemoGuest implements ExitEvents {
    private static final AddressRange SERIAL_PORT = new AddressRange(0x3F8, 8);
    private static final int TRANSMIT_OFFSET = 0;
    private static final int LINE_STATUS_OFFSET = 5;
    private static final int TRANSMITTER_EMPTY = 0x60;
    private static final AddressRange EXIT_PORT = new AddressRange(0xF4, 1);
    private static final long TIMEOUT_SECONDS = 10;
    private static final double NANOS_PER_MILLI = 1e6;

    private final GuestMemory memory;
    private final VcpuThread thread;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final long started = System.nanoTime();
    /** Its output; for other threads once its thread has ended. */
    private final List<Line> lines = new ArrayList<>();
    private final StringBuilder line = new StringBuilder();
    /** Why it did not end by itself, null if it did; for other threads once its thread has ended. */
    private String problem = "it was still running after " + TIMEOUT_SECONDS + " s";

    /** @param nanos since the guest began */
    private record Line(long nanos, String text) {
    }

    /** @param vcpu ready to run */
    DemoGuest(Vcpu vcpu, GuestMemory memory, ExitStatistics statistics) {
        this.memory = memory;
        AddressSpace ports = new AddressSpace("port");
        ports.add(SERIAL_PORT, new Transmitter());
        ports.add(EXIT_PORT, new ExitPort());
        ExitDispatcher dispatcher = new ExitDispatcher(ports, new AddressSpace("memory"), this);
        thread = new VcpuThread(vcpu, statistics.around(dispatcher), "vcpu0");
    }

    /** Starts the guest and returns when it has ended; stops it after ten seconds. */
    void runToEnd() {
        thread.start();
        try {
            ended.await(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.stop();
    }

    /** True if the guest ended itself. */
    boolean isFinished() {
        return problem == null;
    }

    /** Why the guest did not end itself; null if it did. */
    String problem() {
        return problem;
    }

    void print(PrintStream out) {
        for (Line said : lines) {
            out.printf(Locale.ROOT, "%9.2f ms  %s%n", said.nanos() / NANOS_PER_MILLI, said.text());
        }
    }

    @Override
    public boolean halted(Vcpu vcpu) {
        return failedBy(vcpu);
    }

    @Override
    public boolean shutdown(Vcpu vcpu) {
        return failedBy(vcpu);
    }

    @Override
    public boolean systemEvent(Vcpu vcpu) {
        return failedBy(vcpu);
    }

    @Override
    public boolean unhandled(Vcpu vcpu, int reason) {
        return failedBy(vcpu);
    }

    @Override
    public void failed(Vcpu vcpu, RuntimeException cause) {
        end(String.valueOf(cause.getMessage()));
    }

    private boolean failedBy(Vcpu vcpu) {
        return end(FailureReport.ofExit(vcpu, memory, vcpu.kvmRun().exitReason()));
    }

    private boolean end(String why) {
        problem = why;
        ended.countDown();
        return false;
    }

    /** Always empty. */
    private final class Transmitter implements IoHandler {
        @Override
        public long read(long offset, int size) {
            return offset == LINE_STATUS_OFFSET ? TRANSMITTER_EMPTY : -1;
        }

        @Override
        public void write(long offset, int size, long value) {
            if (offset != TRANSMIT_OFFSET) {
                return;
            }
            if (value != '\n') {
                line.append((char) value);
                return;
            }
            lines.add(new Line(System.nanoTime() - started, line.toString()));
            line.setLength(0);
        }
    }

    /** A write ends the guest. */
    private final class ExitPort implements IoHandler {
        @Override
        public long read(long offset, int size) {
            return -1;
        }

        @Override
        public void write(long offset, int size, long value) {
            thread.requestStop();
            end(null);
        }
    }
}
