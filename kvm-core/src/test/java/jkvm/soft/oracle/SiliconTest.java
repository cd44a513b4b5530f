package jkvm.soft.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.HexFormat;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The child process itself: what it reports is what this processor does. */
class SiliconTest {
    private static final int ZF = 0x40, PF = 4;
    private final State out = new State();
    private Silicon silicon;

    @BeforeEach
    void setUp() {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the oracle is an x86-64 processor");
        silicon = new Silicon();
    }

    @AfterEach
    void tearDown() {
        if (silicon != null) {
            silicon.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> shouldMatchItsSource() {
        return GuestImages.check("kvm-core", "src/test/guest/oracle", "src/test/resources/jkvm/soft/oracle");
    }

    @Test
    void shouldReportRegistersAndFlagsAfterOneInstruction() {
        Snippet snippet = snippet("48 31 c0 90"); // xor rax, rax; nop
        snippet.in.r[0] = 5;
        snippet.in.r[15] = 0x1234_5678_9ABC_DEF0L;
        run(snippet);
        assertEquals(State.COMPLETE, out.vector);
        assertEquals(Windows.CODE_PAGES + 3, out.rip);
        assertEquals(0, out.r[0]);
        assertEquals(0x1234_5678_9ABC_DEF0L, out.r[15]);
        assertEquals(ZF | PF, out.flags & (ZF | PF));
    }

    @Test
    void shouldReportAPageFaultAsTheProcessorDoes() {
        Snippet snippet = snippet("89 07"); // mov [rdi], eax
        snippet.in.r[7] = Windows.HIGH + Windows.HIGH_SIZE - 3;
        run(snippet);
        assertEquals(14, out.vector);
        assertEquals(6, out.error);
        assertEquals(Windows.HIGH + Windows.HIGH_SIZE, out.cr2);
        assertEquals(Windows.CODE_PAGES, out.rip);
    }

    @Test
    void shouldReportDivideAndUndefinedAndGeneralProtectionFaults() {
        run(snippet("f7 f9")); // idiv ecx
        assertEquals(0, out.vector);
        run(snippet("0f 0b"));
        assertEquals(6, out.vector);
        run(snippet("f4"));
        assertEquals(13, out.vector);
    }

    @Test
    void shouldShowMemoryAndVectorState() {
        Snippet snippet = snippet("66 0f ef c1 0f 11 07"); // pxor xmm0, xmm1; movups [rdi], xmm0
        snippet.step = false;
        snippet.in.r[7] = Windows.LOW + 250;
        snippet.in.fx[State.XMM] = 0x0F;
        snippet.in.fx[State.XMM + 16] = 0x3C;
        run(snippet);
        assertEquals(State.COMPLETE, out.vector);
        assertEquals(Windows.CODE_PAGES + 7, out.rip);
        assertEquals(0x33, out.fx[State.XMM]);
        assertEquals(0x33, out.memory[250]);
    }

    @Test
    void shouldFinishARepeatedInstruction() {
        Snippet snippet = snippet("f3 aa"); // rep stosb
        snippet.repeat = true;
        snippet.in.r[0] = 7;
        snippet.in.r[1] = 9;
        snippet.in.r[7] = Windows.LOW;
        run(snippet);
        assertEquals(0, out.r[1]);
        assertEquals(7, out.memory[8]);
        assertEquals(0, out.memory[9]);
    }

    @Test
    void shouldEndAnEndlessLoop() {
        Snippet snippet = snippet("eb fe");
        snippet.step = false;
        run(snippet);
        assertEquals(State.ENDLESS, out.vector);
    }

    @Test
    void shouldCatchASystemCall() {
        assumeTrue(silicon.catchesSystemCalls(), "this kernel has no syscall user dispatch");
        Snippet snippet = snippet("0f 05");
        snippet.in.r[0] = 231; // exit_group
        run(snippet);
        assertEquals("system call", out.note);
    }

    @Test
    void shouldRunCodeOf16And32Bits() {
        assumeTrue(silicon.hasSegments(), "this host has no segments for 16- and 32-bit code");
        Snippet snippet = snippet("40"); // inc ax
        snippet.in.cs = Windows.LDT_CODE16;
        snippet.in.rip = 0;
        snippet.in.r[0] = 0xFFFF;
        run(snippet);
        assertEquals(1, out.rip);
        assertEquals(0, out.r[0]);
        snippet.in.cs = Windows.LDT_CODE32;
        run(snippet);
        assertEquals(0x10000, out.r[0]);
    }

    @Test
    void shouldRunTwentyThousandSnippetsASecond() {
        Snippet snippet = snippet("48 01 c8 cc"); // add rax, rcx; int3
        snippet.step = false;
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < Silicon.BATCH; i++) {
                snippet.in.r[0] = i;
                silicon.add(snippet);
            }
            long start = System.nanoTime();
            silicon.run();
            best = Math.min(best, System.nanoTime() - start);
        }
        silicon.result(1000, out);
        assertEquals(1000, out.r[0]);
        // Below ten microseconds where the machine has nothing else to do; a busy one must not fail.
        assertTrue(best / Silicon.BATCH < 50_000, best / Silicon.BATCH + " ns each");
    }

    private void run(Snippet snippet) {
        silicon.add(snippet);
        silicon.run();
        silicon.result(0, out);
    }

    private static Snippet snippet(String bytes) {
        return Snippet.of(Windows.CODE64_SELECTOR, HexFormat.ofDelimiter(" ").parseHex(bytes));
    }
}
