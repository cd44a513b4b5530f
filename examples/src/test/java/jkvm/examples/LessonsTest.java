package jkvm.examples;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import jkvm.app.Main;
import jkvm.examples.power.PowerType;
import jkvm.machine.config.DeviceTypes;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnEachKvm
class LessonsTest {
    private static final String ANSWER = "10.0.2.2 is at 52:55:0a:00:02:02\n";

    private final Accelerator kvm;

    LessonsTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    private String output(Consumer<String[]> lesson) {
        PrintStream before = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            lesson.accept(new String[] {kvm.kind().text()});
        } finally {
            System.setOut(before);
        }
        return captured.toString(StandardCharsets.UTF_8);
    }

    private static void assertContains(String output, String... parts) {
        for (String part : parts) {
            assertTrue(output.contains(part), () -> "no \"" + part + "\" in:\n" + output);
        }
    }

    @Test
    void shouldPrintVersionAndCapabilities() {
        assertContains(output(Lesson01OpenKvm::main), "KVM API version 12", "KVM_CAP_USER_MEMORY", "capabilities");
    }

    @Test
    void shouldPrintWhatTheGuestWroteToThePort() {
        assertEquals("port 0x3f8: the guest writes '5'\nthe guest halts\n", output(Lesson02PortWrite::main));
    }

    @Test
    void shouldSwitchToProtectedMode() {
        assertContains(output(Lesson03ProtectedMode::main), "CS =f000 000f0000", "hello from protected mode\n",
                "CS =0008 00000000 ffffffff 00c09b00 DPL=0 CS32 [-RA]", "at 2 MiB the guest wrote 0x12345678");
    }

    @Test
    void shouldReadThroughPageTablesInLongMode() {
        assertContains(output(Lesson04LongMode::main), "the guest reads it at virtual 0x40000000", "CS64",
                "RAX=123456789abcdef0", "KVM says: virtual 0x40000000 is physical 0x200000");
    }

    @Test
    void shouldCountTimerInterrupts() {
        assertContains(output(Lesson10TimerInterrupt::main), "tick 1\n", "tick 5\n", "5 timer interrupts");
    }

    @Test
    void shouldFindAndUseThePciDevice() {
        assertEquals("""
                found in slot 5, bytes of registers: 16
                12 squared is 144
                the host reads 144 there, too
                """, output(Lesson18PciDevice::main));
    }

    @Test
    void shouldAskTheUserNetworkThroughTheCard() {
        assertEquals(ANSWER, output(Lesson22NetworkCard::main));
    }

    @Test
    void shouldStepThroughOneGuestOnTwoKvms() {
        String output = output(Lesson08TwoKvms::main);

        assertContains(output, kvm.kind().description(), " steps agree in all registers and flags\n");
        // Behaviour that the manuals define is the same: the first instructions, memory, a string instruction.
        for (String address : List.of("0x100000", "0x100001", "0x100006")) {
            assertFalse(output.contains("at " + address + ":"), output);
        }
    }

    @Test
    void shouldWatchTheProcessorWalkAndRememberAndDeliver() {
        String output = output(Lesson09InsideTheKvm::main);

        assertContains(output, """
                It reads from a page:
                    walks 2 levels of page tables to read 400000: it is at 300000
                    remembers that page 400 may be accessed to read
                It reads from that page again, which the TLB remembers:
                It writes to that page for the first time, so its table entry has to be marked dirty:
                    walks 2 levels of page tables to write 400000: it is at 300000
                    remembers that page 400 may be accessed to write
                It has the translation forgotten (INVLPG) and reads once more:
                    walks 2 levels of page tables to read 400000: it is at 300000
                """, "walks to read 401000 and finds no page: page fault, error code 0\n",
                "the handler of vector 14, which is to return to ",
                "walks 2 levels of page tables to read 401000: it is at 301000\n",
                "the handler of vector 32, which is to return to ");
        assertTrue(output.startsWith("The host sets the vCPU's control registers"), output);
        assertTrue(output.endsWith("That was all.\n"), output);
    }

    @Test
    void shouldPrintThePropertiesOfItsOwnDeviceTypeAndRunAGuestThatUsesIt() {
        assertEquals("""
                power options:
                  addr=<int32>           - Slot and optional function number, example: 06.0 or 06
                  bus=<str>              - pci.0 only
                  exponent=<uint8>       - the power it raises to (default: 2)
                  multifunction=<bool>   - on/off: set where it has to be (default: false)
                  rombar=<uint8>         - 0 hides the ROM from the guest (default: 1)
                  romfile=<str>          - expansion ROM; an empty name for none
                the guest reads 27
                """, output(args -> assertDoesNotThrow(() -> Lesson19DeviceType.main(args))));
    }

    @Test
    void shouldAnswerTheGuestsScreen() {
        assertEquals("""
                the guest reads back 'h'
                screen: hello, screen
                13 writes came to the host
                """, output(Lesson13Mmio::main));
    }

    @Test
    void shouldHearTheDoorbellWithoutExits() {
        assertEquals("the guest rang 5 times\nexits: 1\n", output(Lesson14Ioeventfd::main));
    }

    @Test
    void shouldInterruptByADescriptor() {
        assertEquals("""
                interrupt 1 has reached the guest's handler
                interrupt 2 has reached the guest's handler
                interrupt 3 has reached the guest's handler
                """, output(Lesson15Irqfd::main));
    }

    @Test
    void shouldLogThePagesThatTheGuestWrites() {
        assertEquals("round 1: pages 3 5\nround 2: pages 7\n", output(Lesson16DirtyLog::main));
    }

    @Test
    void shouldMeasureEachExit() {
        assertContains(output(Lesson17MeasureExits::main), "port write: 500 exits, median ",
                "MMIO write: 500 exits, median ");
    }

    @Test
    void shouldShowTheGuestAnotherProcessor() {
        assertEquals("made by JavaJavaJava\nthere is a hypervisor\n", output(Lesson05Cpuid::main));
    }

    @Test
    void shouldAnswerForARegisterOfItsOwn() {
        assertEquals("the guest writes 20 to register 0xb0b0\nit reads 40\n", output(Lesson06Msr::main));
    }

    @Test
    void shouldTraceEachInstruction() {
        assertContains(output(Lesson07SingleStep::main), "step  1: next at 0x100005, eax 1, ecx 0\n",
                "step 14: next at 0x100010, eax 24, ecx 0\n4 * 3 * 2 * 1 is 24\n");
    }

    @Test
    void shouldTickByTheLocalApic() {
        assertContains(output(Lesson11ApicTimer::main), "5 ticks in ");
    }

    @Test
    void shouldStartTheOtherProcessor() {
        assertEquals("vCPU 1 runs\nall of 2 have started\n", output(args -> assertDoesNotThrow(
                () -> Lesson12Smp.main(args))));
    }

    @Test
    void shouldServeTheGuestsBiosCalls() {
        assertEquals("press a key: x\nKiB of memory: 64\n", output(Lesson23BiosCall::main));
    }

    @Test
    void shouldShowTheTablesOfAVirtqueue() {
        assertContains(output(args -> assertDoesNotThrow(() -> Lesson20Virtqueue.main(args))), "random bytes: ",
                "descriptor 0: address 0x203000, length 16, flags 2\n", "available: index 1, descriptor 0\n",
                "used: index 1, descriptor 0, length 16\n");
    }

    @Test
    void shouldCopyASectorByTwoRequests() {
        assertEquals("""
                status of the read: 00
                the guest reads: hello from sector 1
                status of the write: 00
                sectors: 0x08
                sector 2 of the file: hello from sector 1
                """, output(args -> assertDoesNotThrow(() -> Lesson21VirtioBlk.main(args))));
    }

    @Test
    void shouldHandOverToAKernelInTheFormatOfLinux() {
        assertEquals("""
                boot protocol 2.12, 1 sectors of setup
                Linux version 0.1 (lesson 24)
                Command line: earlyprintk=ttyS0 console=ttyS0
                areas of memory: 2
                ramdisk: none
                """, output(args -> assertDoesNotThrow(() -> Lesson24Linux.main(args))));
    }

    @ParameterizedTest
    @CsvSource({"power, 9", "'power,exponent=4,id=p,addr=7', 81"})
    void shouldHaveItsOwnDeviceTypeOnTheCommandLine(String device, int result, @TempDir Path folder) throws Exception {
        Path kernel = Files.write(folder.resolve("kernel"), GuestImage.read("power"));
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int status = Main.run(List.of("-accel", kvm.kind().text(), "-kernel", kernel.toString(), "-display", "none",
                "-nodefaults", "-device", device, "-device", "isa-debug-exit,iobase=0xf4"),
                DeviceTypes.builtIn().with(PowerType.TYPE), System.out, new PrintStream(errors));
        assertEquals(result << 1 | 1, status, errors::toString);
    }

    @Test
    void shouldRefuseAValueOutOfRangeOfItsOwnDeviceType() {
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        assertEquals(1, Main.run(List.of("-device", "power,exponent=32"), DeviceTypes.builtIn().with(PowerType.TYPE),
                System.out, new PrintStream(errors)));
        assertContains(errors.toString(StandardCharsets.UTF_8), "property exponent must be from 0 to 31");
    }

    @Test
    void shouldCloneAGuestAndTakeItBack() {
        assertContains(output(args -> assertDoesNotThrow(() -> Lesson27CloneAndReset.main(args))),
                "clone 1: b is number 2\n", "clone 3: b is number 4\n",
                "c is number 2\nback at the point: 2 pages put back\nc is number 2\n");
    }

    @Test
    void shouldAskOnTheWholeMachineTooAndLeaveACapture(@TempDir Path folder) throws IOException {
        Path kernel = Files.write(folder.resolve("kernel"), GuestImage.read("network-card"));
        Path capture = folder.resolve("capture.pcap");
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        Path console = folder.resolve("console");
        int status = Main.run(List.of("-accel", kvm.kind().text(), "-kernel", kernel.toString(),
                "-serial", "file:" + console, "-display", "none",
                "-nic", "user,id=net0,model=e1000", "-object", "filter-dump,id=f,netdev=net0,file=" + capture,
                "-device", "isa-debug-exit,iobase=0xf4,iosize=4"), System.out, new PrintStream(errors));
        assertEquals(1, status, errors::toString);
        assertEquals(ANSWER, Files.readString(console));
        byte[] bytes = Files.readAllBytes(capture);
        assertEquals(24 + 16 + 60 + 16 + 42, bytes.length, "a question and an answer");
        assertEquals(2, bytes[24 + 16 + 60 + 16 + 21], "ARP's answer");
    }
}
