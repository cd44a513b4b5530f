package jkvm.vm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;
import jkvm.linux.EventFd;
import jkvm.linux.Syscalls;

/**
 * A VM with 4 MiB of memory and one vCPU that is about to run code in 64-bit mode at 0x1000. Each GiB of linear
 * addresses is the same: 2 MiB of code and tables, then the other 2 MiB again and again, then {@link #MMIO}, which no
 * memory backs, and at last a page that is not mapped.
 */
public final class LongModeGuest extends OneVcpuGuest {
    /** Linear addresses of data, of MMIO, and of nothing. */
    public static final int DATA = 0x20_0000, MMIO = 0x3FC0_0000, NOTHING = 0x3FE0_0000;
    /** Guest physical address that {@link #MMIO} maps to. */
    static final long MMIO_PHYSICAL = 0xE000_0000L;
    static final long MEMORY_SIZE = 4 << 20;
    private static final int GDT = 0x3000, TSS = 0x4000, IDT = 0x5000, TABLES = 0x1_0000;
    private static final int CODE_SELECTOR = 8, ENTRIES = 512, TSS_LIMIT = 0x67, TSS_TYPE = 0xB, IST1_OFFSET = 36;
    private static final long CODE_DESCRIPTOR = 0x0020_9B00_0000_0000L, GATE = 0x8E01_0000_0000L;
    private static final long PRESENT = 3, LARGE = 0x83, LARGE_PAGE = 1 << 21;

    private final List<EventFd> events = new ArrayList<>();

    /**
     * @param code       in hexadecimal, spaces allowed
     * @param beforeVcpu what is to be done to the VM before it has a vCPU
     */
    public LongModeGuest(Syscalls syscalls, String code, Consumer<Vm> beforeVcpu) {
        super(syscalls, MEMORY_SIZE, code, beforeVcpu);
        enter(() -> {
            map();
            enterLongMode();
        });
    }

    private void map() {
        memory.writeLong(TABLES, TABLES + 0x1000 | PRESENT);
        for (int i = 0; i < ENTRIES; i++) {
            memory.writeLong(TABLES + 0x1000 + 8 * i, TABLES + 0x2000 | PRESENT);
            memory.writeLong(TABLES + 0x2000 + 8 * i, LARGE_PAGE | LARGE);
        }
        memory.writeLong(TABLES + 0x2000, LARGE);
        memory.writeLong(TABLES + 0x2000 + 8 * (MMIO >> 21), MMIO_PHYSICAL | LARGE);
        memory.writeLong(TABLES + 0x2000 + 8 * (NOTHING >> 21), 0);
    }

    private void enterLongMode() {
        memory.writeLong(GDT + CODE_SELECTOR, CODE_DESCRIPTOR);
        memory.writeLong(TSS + IST1_OFFSET, STACK);
        KvmSregs sregs = vcpu.sregs();
        sregs.cr0(0x8001_0033L);
        sregs.cr3(TABLES);
        sregs.cr4(0x620);
        sregs.efer(0x500);
        sregs.cs().base(0);
        sregs.cs().selector(CODE_SELECTOR);
        sregs.cs().l(true);
        KvmSegment tr = sregs.tr();
        tr.base(TSS);
        tr.limit(TSS_LIMIT);
        tr.type(TSS_TYPE);
        sregs.gdt().base(GDT);
        sregs.gdt().limit(0xF);
        sregs.idt().base(IDT);
        sregs.idt().limit(0xFFF);
        vcpu.sregs(sregs);
        KvmRegs regs = new KvmRegs();
        regs.rip(CODE);
        regs.rsp(STACK);
        regs.rflags(2);
        vcpu.regs(regs);
    }

    /** Makes a vector lead to an address, on a stack that begins anew each time. */
    public void gate(int vector, int handler) {
        long low = (handler & 0xFFFFL) | CODE_SELECTOR << 16 | GATE | (handler >>> 16 & 0xFFFFL) << 48;
        memory.writeLong(IDT + 16 * vector, low);
    }

    /** An event that is closed with the VM. */
    EventFd event() {
        EventFd event = EventFd.nonBlocking(vm.syscalls());
        events.add(event);
        return event;
    }

    @Override
    public void close() {
        events.forEach(EventFd::close);
        super.close();
    }
}
