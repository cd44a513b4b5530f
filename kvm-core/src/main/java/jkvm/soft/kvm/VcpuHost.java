package jkvm.soft.kvm;

import jkvm.abi.KvmExit;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.CpuHost;
import jkvm.soft.cpu.Segment;
import jkvm.soft.mmu.GuestException;

/**
 * Serves instructions that need KVM: ports, model-specific registers, CR8, hypercalls. An instruction that user space
 * has to answer ends before it has changed anything; {@link #resume()} at the next KVM_RUN provides the answer, and the
 * instruction is executed again and finds it. Belongs to the vCPU's thread.
 */
final class VcpuHost implements CpuHost {
    /** Kinds of accesses that the last exit left to be completed. */
    private static final int NOTHING = 0, OUT = 1, IN = 2, IN_STRING = 3, MSR_READ = 4, MSR_WRITE = 5, HYPERCALL = 6;
    /** Bytes of port data that fit into the page for them. */
    private static final int MAX_STRING = 1024;

    private final SoftVcpu vcpu;
    private final RunPage page;
    private final Hypercalls hypercalls;
    private int pending;
    /** True once user space has answered and until the instruction has taken it. */
    private boolean ready;
    private long rip;
    private int port, size, index;
    private long value;
    /** Items of INS: how many there are, and where their data went, out of user space's reach. */
    private int items;
    private final long[] input = new long[MAX_STRING];
    private boolean msrFails;

    VcpuHost(SoftVcpu vcpu) {
        this.vcpu = vcpu;
        this.page = vcpu.page();
        this.hypercalls = new Hypercalls(vcpu);
    }

    private long linearRip() {
        Cpu cpu = vcpu.cpu();
        return cpu.segments[Segment.CS].base + cpu.rip;
    }

    /** True while the last exit has to be completed by executing its instruction again. */
    boolean isPending() {
        return pending != NOTHING;
    }

    /** Takes user space's answer. Does nothing where it has moved RIP: then the instruction is not completed. */
    void resume() {
        if (linearRip() != rip) {
            pending = NOTHING;
            return;
        }
        ready = true;
        switch (pending) {
            case IN -> value = page.portData(0, size);
            case IN_STRING -> {
                for (int i = 0; i < items; i++) {
                    input[i] = page.portData(i, size);
                }
            }
            case MSR_READ, MSR_WRITE -> {
                msrFails = page.isMsrError();
                value = page.msrData();
            }
            case HYPERCALL -> value = page.hypercallResult();
            default -> { }
        }
    }

    /** The guest has gone on: drops an answer that no instruction has taken. */
    void settle() {
        if (ready) {
            completed();
        }
    }

    private void completed() {
        pending = NOTHING;
        ready = false;
    }

    private int exit(int what) {
        pending = what;
        ready = false;
        return EXIT;
    }

    /** Notes RIP of the instruction that asked, where it is to be executed again. */
    void left() {
        rip = linearRip();
    }

    @Override
    public int portOut(int toPort, int bytes, long data) {
        if (ready) {
            ready = false;
            if (pending == OUT && port == toPort && size == bytes) {
                pending = NOTHING;
                return DONE;
            }
            pending = NOTHING;
        }
        if (isTaken(toPort, bytes, data)) {
            return DONE;
        }
        port = toPort;
        size = bytes;
        return exit(OUT);
    }

    @Override
    public int portOutString(int toPort, int bytes, long data) {
        return isTaken(toPort, bytes, data) ? DONE : EXIT;
    }

    /** Writes to a port inside KVM; else tells user space. */
    private boolean isTaken(int toPort, int bytes, long data) {
        vcpu.cpu().requireCount();
        SoftVm vm = vcpu.vm();
        if (vm.irqchips().writePort(toPort, bytes, data) || vm.ioEvents().writePort(toPort, bytes, data)
                || vm.coalesced().writePort(toPort, bytes, data)) {
            return true;
        }
        page.io(true, toPort, bytes, 1);
        page.portData(0, bytes, data);
        vcpu.stats().ioExits++;
        return false;
    }

    /** True if the exit is that of INS: what it stores may go to MMIO, and then it must not be asked for again. */
    boolean isStringInput() {
        return pending == IN_STRING;
    }

    @Override
    public int portIn(int fromPort, int bytes) {
        Cpu cpu = vcpu.cpu();
        if (ready) {
            ready = false;
            boolean mine = pending == IN && port == fromPort && size == bytes;
            pending = NOTHING;
            if (mine) {
                cpu.transfer = value;
                return DONE;
            }
        }
        cpu.requireCount();
        if (vcpu.vm().irqchips().readPort(fromPort, bytes, cpu)) {
            return DONE;
        }
        port = fromPort;
        size = bytes;
        page.io(false, fromPort, bytes, 1);
        vcpu.stats().ioExits++;
        return exit(IN);
    }

    @Override
    public int portInString(int fromPort, int bytes, long count, int toPageEnd) {
        if (ready) {
            ready = false;
            boolean mine = pending == IN_STRING && port == fromPort && size == bytes;
            pending = NOTHING;
            if (mine) {
                vcpu.bus().packs(true);
                return (int) Math.min(items, count);
            }
        }
        Cpu cpu = vcpu.cpu();
        cpu.requireCount();
        if (vcpu.vm().irqchips().readPort(fromPort, bytes, cpu)) {
            input[0] = cpu.transfer;
            return 1;
        }
        port = fromPort;
        size = bytes;
        items = (int) Math.min(Math.min(count, MAX_STRING / bytes), Math.max(1, toPageEnd));
        page.io(false, fromPort, bytes, items);
        vcpu.stats().ioExits++;
        exit(IN_STRING);
        return 0;
    }

    @Override
    public long stringInput(int item) {
        return input[item];
    }

    @Override
    public boolean filtersMsrs() {
        return vcpu.vm().msrFilter() != null || ready && (pending == MSR_READ || pending == MSR_WRITE);
    }

    @Override
    public int readMsr(int msr) {
        if (ready && pending == MSR_READ && index == msr) {
            completed();
            failIfAsked();
            vcpu.cpu().transfer = value;
            return DONE;
        }
        vcpu.cpu().requireCount();
        MsrFilter filter = vcpu.vm().msrFilter();
        if (filter != null && !filter.allows(msr, false)) {
            return refuseMsr(msr, false, 0, VcpuMsrs.FILTERED);
        }
        return vcpu.msrs().read(msr);
    }

    @Override
    public int writeMsr(int msr, long data) {
        if (ready && pending == MSR_WRITE && index == msr) {
            completed();
            failIfAsked();
            return DONE;
        }
        vcpu.cpu().requireCount();
        MsrFilter filter = vcpu.vm().msrFilter();
        if (filter != null && !filter.allows(msr, true)) {
            return refuseMsr(msr, true, data, VcpuMsrs.FILTERED);
        }
        return vcpu.msrs().write(msr, data, false);
    }

    /** Fails the access if user space has answered so. */
    private void failIfAsked() {
        if (msrFails) {
            throw vcpu.cpu().fault.of(GuestException.GP, 0);
        }
    }

    @Override
    public int refuseMsr(int msr, boolean write, long data, boolean isUnknown) {
        return refuseMsr(msr, write, data, isUnknown ? VcpuMsrs.UNKNOWN : VcpuMsrs.INVALID);
    }

    /** An access that fails: an exit where user space wants to see it, else #GP. */
    private int refuseMsr(int msr, boolean write, long data, int reason) {
        if ((vcpu.vm().userSpaceMsrs() & reason) == 0) {
            throw vcpu.cpu().fault.of(GuestException.GP, 0);
        }
        index = msr;
        page.msr(write, reason, msr, data);
        return exit(write ? MSR_WRITE : MSR_READ);
    }

    @Override
    public long timeStamp() {
        vcpu.cpu().requireCount();
        return vcpu.tsc().read();
    }

    @Override
    public long taskPriority() {
        return vcpu.taskPriority();
    }

    @Override
    public int taskPriority(long priority) {
        vcpu.cpu().requireCount();
        long before = vcpu.taskPriority();
        vcpu.taskPriority(priority);
        if (vcpu.hasLapic() || before <= priority) {
            return DONE;
        }
        page.exitReason(KvmExit.SET_TPR);
        return EXIT;
    }

    @Override
    public int hypercall() {
        if (ready && pending == HYPERCALL) {
            completed();
            vcpu.cpu().transfer = value;
            return DONE;
        }
        vcpu.cpu().requireCount();
        return hypercalls.call() ? DONE : exit(HYPERCALL);
    }

    @Override
    public boolean hasPeers() {
        return vcpu.vm().hasManyVcpus();
    }

    @Override
    public void interruptWindowOpened() {
        vcpu.windowOpened();
    }
}
