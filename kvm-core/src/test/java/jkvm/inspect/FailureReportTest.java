package jkvm.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSregs;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FailureReportTest {
    private static final long CR0_PE = 1;
    private static final long CR0_PG = 1L << 31;
    private static final long CR4_PSE = 1 << 4;
    private static final long CR4_PAE = 1 << 5;
    private static final long EFER_LMA = 1 << 10;

    private final GuestMemory memory = GuestFixture.memory(64 << 10);
    private final KvmRegs regs = new KvmRegs();
    private final KvmSregs sregs = new KvmSregs();

    @BeforeEach
    void numberTheBytes() {
        for (int i = 0; i < 0x100; i++) {
            memory.writeByte(0x8000 + i, (byte) i);
        }
    }

    private String code() {
        return FailureReport.codeLine(memory, regs, sregs);
    }

    private String instruction() {
        return FailureReport.instructionLine(memory, regs, sregs);
    }

    private static String around(int at) {
        StringBuilder line = new StringBuilder("Code=");
        for (int i = at - 16; i < at + 16; i++) {
            line.append(i == at - 16 ? "" : " ").append(i == at ? "<%02x>".formatted(i) : "%02x".formatted(i));
        }
        return line.append('\n').toString();
    }

    @Test
    void shouldAddTheSegmentBaseInRealMode() {
        sregs.cs().base(0x7000);
        regs.rip(0x1020);
        assertEquals(around(0x20), code());
        assertEquals("Next=and    BYTE PTR [bx+di],ah\n", instruction());
    }

    @Test
    void shouldWalkTwoLevelsOf32BitPaging() {
        sregs.cr0(CR0_PE | CR0_PG);
        sregs.cr3(0x1000);
        memory.writeInt(0x1000 + 1 * 4, 0x2003);
        memory.writeInt(0x2000 + 5 * 4, 0x8003);
        regs.rip(0x405020);
        assertEquals(around(0x20), code());
    }

    @Test
    void shouldWalkLargePagesOf32BitPaging() {
        sregs.cr0(CR0_PE | CR0_PG);
        sregs.cr4(CR4_PSE);
        sregs.cr3(0x1000);
        memory.writeInt(0x1000 + 2 * 4, 0x83);
        regs.rip(0x808020);
        assertEquals(around(0x20), code());
    }

    @Test
    void shouldWalkPaePaging() {
        sregs.cr0(CR0_PE | CR0_PG);
        sregs.cr4(CR4_PAE);
        sregs.cr3(0x1020);
        memory.writeLong(0x1020 + 3 * 8, 0x2001);
        memory.writeLong(0x2000, 0x83);
        regs.rip(0xC0008020L);
        assertEquals(around(0x20), code());
    }

    @Test
    void shouldWalkLongModePaging() {
        longMode();
        regs.rip(0xFFFF_8000_0000_5020L);
        assertEquals(around(0x20), code());
    }

    private void longMode() {
        sregs.cr0(CR0_PE | CR0_PG);
        sregs.cr4(CR4_PAE);
        sregs.efer(EFER_LMA);
        sregs.cs().l(true);
        sregs.cr3(0x1000);
        memory.writeLong(0x1000 + 256 * 8, 0x2003);
        memory.writeLong(0x2000, 0x3003);
        memory.writeLong(0x3000, 0x4003);
        memory.writeLong(0x4000 + 5 * 8, 0x8000_0000_0000_8003L);
    }

    @Test
    @DisplayName("the report stands although RIP or the page tables lie outside memory")
    void shouldShowWhatCannotBeRead() {
        longMode();
        regs.rip(0xFFFF_8000_0000_5000L);
        String unmappedBefore = "?? ".repeat(16);
        assertEquals("Code=" + unmappedBefore + "<00> 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\n", code());
        assertEquals("Next=add    BYTE PTR [rcx],al\n", instruction());

        regs.rip(-1);
        assertEquals("", instruction());
        assertEquals("Code=" + unmappedBefore + "<??>" + " ??".repeat(15) + "\n", code());
        sregs.cr3(0xFFFF_FFFF_FFFF_F000L);
        assertEquals("Code=" + unmappedBefore + "<??>" + " ??".repeat(15) + "\n", code());
    }

    @Test
    void shouldTellTheStateAfterAResetFromThatOfAFault() {
        regs.rip(0xFFF0);
        sregs.cs().base(0xFFFF0000L);
        assertTrue(FailureReport.isReset(regs, sregs));
        sregs.cr0(CR0_PE);
        assertFalse(FailureReport.isReset(regs, sregs));
        sregs.cr0(0);
        sregs.cs().base(0xF0000);
        assertFalse(FailureReport.isReset(regs, sregs));
    }
}
