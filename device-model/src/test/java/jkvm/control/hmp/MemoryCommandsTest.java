package jkvm.control.hmp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Memory and values in all formats; what QEMU 7.2 prints for the same bytes is the expectation. */
@OnEachKvm
@Timeout(60)
class MemoryCommandsTest {
    /** The first bytes of SeaBIOS's last 16, which QEMU was asked for. */
    private static final String BYTES = "\u00ea[\u00e0\0\u00f006/23/99\0\u00fc\0";

    @TempDir
    private Path folder;
    private final Accelerator kvm;
    private RealModeGuest guest;
    private HumanMonitor monitor;

    MemoryCommandsTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    @BeforeEach
    void start() throws Exception {
        guest = new RealModeGuest(kvm, folder);
        guest.machine.memory().write(0x3000, BYTES.getBytes(StandardCharsets.ISO_8859_1));
        monitor = new HumanMonitor(guest.machine, MonitorHost.on(kvm.kind()));
    }

    @AfterEach
    void close() {
        guest.close();
    }

    private void assertOutput(String command, String output) {
        assertEquals(output + "\n", monitor.execute(command), command);
    }

    @Test
    void shouldDumpMemoryInEachFormatAndKeepTheLastOne() {
        assertOutput("x/2xg 0x3000", "0000000000003000: 0x2f3630f000e05bea 0x00fc0039392f3332");
        assertOutput("x 0x3008", "0000000000003008: 0x00fc0039392f3332");
        assertOutput("x/5xh 0x3000", "0000000000003000: 0x5bea 0x00e0 0x30f0 0x2f36 0x3332");
        assertOutput("x/3db 0x3000", "0000000000003000: 234  91 224");
        assertOutput("x/2dw 0x3000", "0000000000003000:   14703594  792080624");
        assertOutput("xp/3uw 0x3000", "0000000000003000:   14703594  792080624  959394610");
        assertOutput("xp/2dg 0x3000", "0000000000003000:  3401960375889976298    70931939903615794");
        assertOutput("x/2ob 0x3000", "0000000000003000: 0352 0133");
        assertOutput("x/2oh 0x3000", "0000000000003000: 055752   0340");
        assertOutput("x/2og 0x3000", "0000000000003000: 0274661417000070055752   03740003447113631462");
        assertOutput("x/10cb 0x3000", """
                0000000000003000: '\\xea' '[' '\\xe0' '\\x00' '\\xf0' '0' '6' '/'
                0000000000003008: '2' '3'""");
        assertOutput("x/5cw 0x3003", """
                0000000000003003: '\\x00' '\\xf0' '0' '6' '/' '2' '3' '/' '9' '9' '\\x00' '\\xfc'%s
                0000000000003013: '\\x00' '\\x00' '\\x00' '\\x00'""".formatted(" '\\x00'".repeat(4)));
        assertEquals("", monitor.execute("x/0xb 0x3000"));
        assertOutput("x/2xw 0x1ffff8", "00000000001ffff8: 0x00000000 0x00000000");
        assertOutput("x/6xw 0x1ffff8", "00000000001ffff8: Cannot access memory");
        assertOutput("xp 0x10000000000", "0000010000000000: Cannot access memory");
        assertOutput("x/1000000xg 0",
                "a dump has at most 1048576 bytes; memsave and pmemsave write more to a file");
    }

    @Test
    void shouldShowMemoryAndRegistersThatTheGuestHasWritten() throws InterruptedException {
        guest.finish();
        assertOutput("x/xw 0x2000", "0000000000002000: 0x12345678");
        assertOutput("p $eax", "0x12345678");
        assertOutput("p $pc", "0x100a");
        assertOutput("x/2xb $eip", "000000000000100a: 0xeb 0xfe");
        assertOutput("x/3i 0x1000", """
                0x00001000:  66 b8 78 56 34 12        mov    $0x12345678,%eax
                0x00001006:  66 a3 00 20              mov    %eax,0x2000
                0x0000100a:  eb fe                    jmp    0x100a""");
        assertOutput("x/2i 0x1fffff", """
                0x001fffff:  00                       (bad)
                0x00200000: unable to read memory""");
        String all = monitor.execute("info registers");
        assertTrue(all.startsWith("\nCPU#0\nEAX=12345678 EBX=00000000 ECX="), all);
        assertTrue(all.contains("\nEIP=0000100a EFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=0\nES ="), all);
        assertTrue(all.contains("\nDR6=00000000ffff0ff0 DR7=0000000000000400\nEFER=0000000000000000\nFCW="), all);
        assertTrue(all.endsWith("XMM07=0000000000000000 0000000000000000\n"), all);
    }

    @Test
    void shouldComputeAsQemuDoes() {
        assertOutput("p 1+2*3", "0x7");
        assertOutput("p/d -1", "-1");
        assertOutput("p/u -1", "18446744073709551615");
        assertOutput("p/o 9", "011");
        assertOutput("p/x 0", "0");
        assertOutput("p/c 65", "'A'");
        assertOutput("p/c 10", "'\\n'");
        assertOutput("p/c 39", "'\\''");
        assertOutput("p/c 300", "'\\x12c'");
        assertOutput("p/d (1 + 2) * 3 - 0x10 | 1 & 3", "8");
        assertOutput("p/d 'A'", "65");
        assertOutput("p/x $cs.limit & 0xff", "0xff");
        String help = "\nTry \"help p\" for more information";
        assertOutput("p", "unexpected end of expression" + help);
        assertOutput("p $foo", "unknown register" + help);
        assertOutput("p (1", "')' expected" + help);
        assertOutput("p 1/0", "division by zero" + help);
        assertOutput("p 99999999999999999999", "number too large" + help);
        for (String text : new String[] {"0x", "08", "12ab"}) {
            assertOutput("p " + text, "print|p: extraneous characters at the end of line" + help);
        }
        assertOutput("p \"a\"", "invalid char '\"' in expression" + help);
        assertOutput("p " + "(".repeat(1000), "expression is nested too deep" + help);
        assertOutput("x/zz 0", "invalid char in format: 'z'\nTry \"help x\" for more information");
    }

    @Test
    void shouldSaveMemoryToFilesAndRefuseWhatIsNone() throws IOException {
        Path file = folder.resolve("saved");
        assertEquals("", monitor.execute("memsave 0x3000 0x10 \"" + file + "\""));
        assertArrayEquals(BYTES.getBytes(StandardCharsets.ISO_8859_1), Files.readAllBytes(file));
        assertEquals("", monitor.execute("pmemsave 0 0x200000 " + file));
        byte[] all = Files.readAllBytes(file);
        assertEquals(2 << 20, all.length);
        assertArrayEquals(BYTES.getBytes(StandardCharsets.ISO_8859_1), Arrays.copyOfRange(all, 0x3000, 0x3010));
        assertOutput("memsave 0x10000000 0x20 " + file,
                "Error: Invalid addr 0x0000000010000000/size 32 specified");
        assertOutput("pmemsave 0 0x200001 " + file, "Error: Invalid addr 0x0000000000000000/size 2097153 specified");
        assertOutput("memsave 0 1 \"/nonexistent/f\"",
                "Error: Could not open '/nonexistent/f': no such file or directory");
        assertOutput("memsave 0 1 " + folder, "Error: Could not open '" + folder + "': not a regular file");
        assertOutput("memsave 0 10", "memsave: string expected\nTry \"help memsave\" for more information");
        assertOutput("gva2gpa 0x1234", "gpa: 0x1234");
    }

    @Test
    void shouldReadAndWritePorts() throws Exception {
        assertEquals("", monitor.execute("o/b 0x70 0x0f"));
        assertEquals("", monitor.execute("o 0x71 0xa5"));
        assertOutput("i/b 0x71", "portb[0x0071] = 0xa5");
        assertOutput("i/w 0xcf8", "portl[0x0cf8] = 0x00000000");
        assertOutput("i/h 0x999", "portw[0x0999] = 0xffff");
        assertEquals("", monitor.execute("o/b 0xf4 21"));
        assertFalse(monitor.execute("info status").contains("running"));
    }
}
