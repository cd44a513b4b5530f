package jkvm.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSregs;
import org.junit.jupiter.api.Test;

class RegisterDumpTest {
    private final KvmRegs regs = new KvmRegs();
    private final KvmSregs sregs = new KvmSregs();

    @Test
    void shouldShow32BitsOutsideLongMode() {
        regs.rax(0x1_2345_6789L);
        regs.rip(0xFFF0);
        regs.rflags(0xCD7);
        sregs.cs().selector(0xF000);
        sregs.cs().base(0xFFFF0000L);
        sregs.cs().limit(0xFFFF);
        sregs.cs().type(0xB);
        sregs.cs().s(true);
        sregs.cs().present(true);
        sregs.cr0(0x60000010);
        String dump = RegisterDump.of(regs, sregs);
        assertTrue(dump.startsWith("EAX=23456789 EBX=00000000 ECX=00000000 EDX=00000000\n"), dump);
        assertTrue(dump.contains("EIP=0000fff0 EFL=00000cd7 [DOSZAPC] CPL=0\n"), dump);
        assertTrue(dump.contains("CS =f000 ffff0000 0000ffff 00009b00\n"), dump);
        assertTrue(dump.contains("CR0=60000010 CR2=00000000 CR3=00000000 CR4=00000000\n"), dump);
        assertEquals(15, dump.lines().count());
    }

    @Test
    void shouldShow64BitsAndTheKindOfSegmentInLongMode() {
        regs.r15(-1);
        regs.rip(0xFFFF_8000_0000_0000L);
        sregs.cr0(0x80000001L);
        sregs.efer(0x500);
        sregs.cs().type(0xB);
        sregs.cs().s(true);
        sregs.cs().present(true);
        sregs.cs().l(true);
        sregs.cs().g(true);
        sregs.cs().limit(-1);
        sregs.tr().type(0xB);
        sregs.tr().present(true);
        sregs.ss().dpl(3);
        String dump = RegisterDump.of(regs, sregs);
        assertTrue(dump.contains("R15=ffffffffffffffff\n"), dump);
        assertTrue(dump.contains("RIP=ffff800000000000 RFL=00000000 [-------] CPL=3\n"), dump);
        assertTrue(dump.contains("CS =0000 0000000000000000 ffffffff 00a09b00 DPL=0 CS64 [-RA]\n"), dump);
        assertTrue(dump.contains("TR =0000 0000000000000000 00000000 00008b00 DPL=0 TSS64-busy\n"), dump);
        assertTrue(dump.contains("CR0=80000001 CR2=0000000000000000"), dump);
    }
}
