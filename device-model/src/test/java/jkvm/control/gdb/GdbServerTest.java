package jkvm.control.gdb;

import static jkvm.machine.MachineRun.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import jkvm.control.hmp.HumanMonitor;
import jkvm.control.hmp.MonitorHost;
import jkvm.host.chardev.FakeChardev;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineRun;
import jkvm.machine.MachineState;
import jkvm.machine.TestConfigs;
import jkvm.machine.config.BootConfig;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import jkvm.work.Workers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The protocol, packet by packet, on a guest of a few bytes of real-mode code at 0x1000. */
@OnEachKvm
@Timeout(60)
class GdbServerTest {
    private static final int RIP = 16;
    private static final String RAX = "0";
    /** inc ax; mov [0x2000], ax; jmp to the start. */
    private static final String LOOP = "40 a3 00 20 eb fa";
    private static final String EXIT = "b0 05 e6 f4 eb fe";

    @TempDir
    private Path folder;
    private final FakeChardev chardev = new FakeChardev();
    private final GdbClient gdb = new GdbClient(chardev);
    private final Workers workers = Workers.onThreads();
    private final Accelerator kvm;
    private Machine machine;
    private GdbServer server;
    private MachineRun run;

    GdbServerTest(Accelerator kvm) {
        this.kvm = kvm;
    }

    private void start(String code) throws IOException {
        Path image = Files.write(folder.resolve("guest.bin"), HexFormat.of().parseHex(code.replace(" ", "")));
        machine = new MachineBuilder(TestConfigs.machine(2).cpus(2).loader(new BootConfig.Loader(Optional.of(image),
                OptionalLong.of(0x1000), OptionalInt.of(0), false)).build(), kvm.syscalls(), _ -> new FakeChardev())
                .build();
        machine.pause();
        server = new GdbServer(machine, chardev, true,
                new HumanMonitor(machine, MonitorHost.on(kvm.kind())), workers);
        run = new MachineRun(machine).start();
    }

    /** A debugger on a guest that stands at its first instruction. */
    private void debug(String code) throws Exception {
        start(code);
        chardev.device().connected(true);
        assertEquals("T05thread:01;", gdb.ask("?"));
        assertTrue(gdb.ask("qXfer:features:read:target.xml:0,ffb").startsWith("m<?xml"));
    }

    @AfterEach
    void close() throws Exception {
        run.quit();
        server.close();
        workers.close();
        run.close();
    }

    private long register(String number) throws InterruptedException {
        return Long.reverseBytes(HexFormat.fromHexDigitsToLong(gdb.ask("p" + number)));
    }

    private long rip() throws InterruptedException {
        return register(Integer.toHexString(RIP));
    }

    @Test
    void shouldPauseForADebuggerThatComesAndResumeWhenItGoesInMidPacket() throws Exception {
        start(LOOP);
        machine.resume().join();
        chardev.device().connected(true);
        assertEquals("T05thread:01;", gdb.ask("?"));
        assertEquals(MachineState.PAUSED, machine.state());
        assertEquals("OK", gdb.ask("Z1,1000,1"));
        gdb.raw("$m10");
        chardev.device().connected(false);
        await("the machine runs, and past the breakpoint", () -> machine.state() == MachineState.RUNNING);
        chardev.device().connected(true);
        assertEquals("T05thread:01;", gdb.ask("?"));
    }

    @Test
    void shouldLetTheMachineContinueWithoutBreakpointsWhenItIsClosedUnderADebugger() throws Exception {
        start(LOOP);
        machine.resume().join();
        chardev.device().connected(true);
        assertEquals("OK", gdb.ask("Z1,1000,1"));
        assertTrue(gdb.ask("c").startsWith("T05"));
        server.close();
        await("the machine runs", () -> machine.state() == MachineState.RUNNING);
        short count = machine.quiesced(() -> machine.memory().readShort(0x2000)).join();
        await("it counts on", () -> machine.quiesced(() -> machine.memory().readShort(0x2000)).join() != count);
        assertEquals(MachineState.RUNNING, machine.state());
    }

    @Test
    void shouldLeaveAPausedMachinePausedWhenTheDebuggerGoes() throws Exception {
        debug(LOOP);
        chardev.device().connected(false);
        chardev.device().connected(true);
        assertEquals("T05thread:01;", gdb.ask("?"));
        assertEquals(MachineState.PAUSED, machine.state());
    }

    @Test
    void shouldResumeOnDetach() throws Exception {
        debug(LOOP);
        assertEquals("OK", gdb.ask("D"));
        await("the machine runs", () -> machine.state() == MachineState.RUNNING);
    }

    @Test
    void shouldReadAndWriteRegisters() throws Exception {
        debug(LOOP);
        assertEquals(0x1000, rip());
        assertEquals("OK", gdb.ask("P" + RAX + "=8877665544332211"));
        assertEquals(0x1122334455667788L, register(RAX));
        String all = gdb.ask("g");
        assertEquals("8877665544332211", all.substring(0, 16));
        assertEquals("OK", gdb.ask("G" + "0100000000000000" + all.substring(16)));
        assertEquals(1, register(RAX));
    }

    @Test
    void shouldTakeTheSegmentsBaseFromItsSelectorInRealMode() throws Exception {
        debug(LOOP);
        // The numbers of ds and ds_base.
        assertEquals("OK", gdb.ask("P14=34120000"));
        assertEquals(0x12340, register("3d"));
    }

    @Test
    void shouldReadAndWriteMemoryByHexadecimalAndByBinary() throws Exception {
        debug(LOOP);
        assertEquals("40a30020ebfa", gdb.ask("m1000,6"));
        assertEquals("OK", gdb.ask("M3000,3:010203"));
        assertEquals("OK", gdb.ask("X3003,3:#}\3}\4".replace("#", "a")));
        assertEquals("010203612324", gdb.ask("m3000,6"));
        assertEquals("E14", gdb.ask("m1ffffe,4"));
        assertEquals("E14", gdb.ask("M1ffffe,4:00000000"));
    }

    @Test
    void shouldStepOneInstruction() throws Exception {
        debug(LOOP);
        assertEquals("T05thread:01;", gdb.ask("s"));
        assertEquals(0x1001, rip());
        assertEquals("T05thread:01;", gdb.ask("vCont;s:1;c"));
        assertEquals(0x1004, rip());
        assertEquals(1, register(RAX));
    }

    @Test
    void shouldStopAtABreakpointAgainAndAgainAndNotAfterItsRemoval() throws Exception {
        debug(LOOP);
        assertEquals("OK", gdb.ask("Z0,1004,1"));
        for (int round = 1; round <= 3; round++) {
            assertEquals("T05thread:01;", gdb.ask("c"));
            assertEquals(0x1004, rip());
            assertEquals(round, register(RAX));
            assertEquals("T05thread:01;", gdb.ask("s"));
        }
        assertEquals("OK", gdb.ask("z0,1004,1"));
        gdb.send("c");
        gdb.interrupt();
        assertEquals("T02thread:01;", gdb.reply());
    }

    @Test
    void shouldHaveMoreBreakpointsThanTheProcessorAndShowTheGuestsOwnCode() throws Exception {
        debug("40 40 40 40 40 40 f4");
        assumeTrue(kvm.kind() == Accelerator.Kind.SOFT, "some KVMs emulate INT3 without a look at breakpoints");
        for (int i = 1; i <= 6; i++) {
            assertEquals("OK", gdb.ask("Z0,100" + i + ",1"));
        }
        for (int i = 1; i <= 6; i++) {
            assertEquals("T05thread:01;", gdb.ask("c"));
            assertEquals(0x1000 + i, rip());
            assertEquals("404040404040f4", gdb.ask("m1000,7"));
            gdb.ask("z0,100" + i + ",1");
        }
    }

    @Test
    void shouldHaveFourBreakpointsInTheProcessor() throws Exception {
        debug(LOOP);
        for (int i = 0; i < 4; i++) {
            assertEquals("OK", gdb.ask("Z1,200" + i + ",1"));
        }
        assertEquals("E22", gdb.ask("Z1,2004,1"));
        assertEquals("E22", gdb.ask("Z2,2000,3"), "three bytes");
        assertEquals("E22", gdb.ask("Z2,2001,4"), "not aligned");
        assertEquals("OK", gdb.ask("z1,2000,1"));
        assertEquals("OK", gdb.ask("Z1,2004,1"));
    }

    @Test
    void shouldStopAtAWriteToWatchedMemory() throws Exception {
        debug(LOOP);
        assumeTrue(kvm.kind() == Accelerator.Kind.SOFT, "some KVMs emulate writes without a look at breakpoints");
        assertEquals("OK", gdb.ask("Z2,2000,2"));
        assertEquals("T05thread:01;watch:2000;", gdb.ask("c"));
        assertEquals(0x1004, rip());
        assertEquals("0100", gdb.ask("m2000,2"));
    }

    @Test
    void shouldKeepBreakpointsOverAReset() throws Exception {
        debug(LOOP);
        gdb.ask("Z0,1004,1");
        gdb.ask("c");
        assertEquals("", gdb.ask("qRcmd," + HexFormat.of().formatHex("system_reset".getBytes(StandardCharsets.UTF_8))));
        assertEquals(0x1000, rip());
        assertEquals("T05thread:01;", gdb.ask("c"));
        assertEquals(0x1004, rip());
    }

    @Test
    void shouldTellTheGuestsExitStatus() throws Exception {
        debug(EXIT);
        gdb.send("c");
        server.ended(run.exit().status());
        assertEquals("W0b", gdb.reply());
    }

    @Test
    void shouldEndTheMachineOnKill() throws Exception {
        debug(LOOP);
        gdb.send("k");
        assertEquals(0, run.exit().status());
    }

    @Test
    void shouldShowVcpusAsThreads() throws Exception {
        debug(LOOP);
        assertEquals("m01,02", gdb.ask("qfThreadInfo"));
        assertEquals("l", gdb.ask("qsThreadInfo"));
        assertEquals("OK", gdb.ask("T2"));
        assertEquals("E22", gdb.ask("T3"));
        assertEquals("OK", gdb.ask("Hg2"));
        assertEquals("QC02", gdb.ask("qC"));
        assertEquals("CPU 1", new String(HexFormat.of().parseHex(gdb.ask("qThreadExtraInfo,2")),
                StandardCharsets.UTF_8));
    }

    @Test
    void shouldAnswerWithoutSignsOfReceiptWhenTheDebuggerWantsNone() throws Exception {
        debug(LOOP);
        assertEquals("OK", gdb.ask("QStartNoAckMode"));
        gdb.send("qAttached");
        assertEquals("$1#31", gdb.await("\\$1#31"));
    }

    @Test
    void shouldSendTheLastReplyOnceMore() throws Exception {
        debug(LOOP);
        assertEquals("1", gdb.ask("qAttached"));
        gdb.raw("-");
        assertEquals("1", gdb.reply());
    }

    @Test
    void shouldWaitForASlowDebuggerWithoutLosingAByte() throws Exception {
        debug(LOOP);
        chardev.setRoom(3);
        gdb.send("m1000,6");
        await("three bytes", () -> chardev.text().endsWith("+$4"));
        chardev.makeRoom(Integer.MAX_VALUE);
        assertEquals("40a30020ebfa", gdb.reply());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "m1000 | E22", "m1000,fffff | E22", "m,1 | E22", "m1000, | E22", "mffffffffffffffff1,1 | E22",
        "m1000,-1 | E22", "mffffffffffffffff,1 | E14", "M1000,2:00 | E22", "M1000,1:zz | E22", "M1000 | E22",
        "P0 | E22", "P0=00 | E22", "Pffff=00 | E22", "pffff | E22", "G00 | E22", "Z0,1000 | E22", "Z0 | E22",
        "Z5,1000,1 | ''", "z9,0,1 | ''", "Hg9 | E22", "Hx1 | E22", "T | E22", "vCont;x | E22", "vCont;s:9 | E22",
        "vCont; | E22", "vMustReplyEmpty | ''", "qUnknown | ''", "! | ''", "Cxx | E22",
        "qXfer:features:read:other.xml:0,10 | E00", "qXfer:features:read:target.xml:fffff,10 | E22",
        "qXfer:features:read:target.xml:0 | E22", "qRcmd,7 | E22"})
    void shouldAnswerMalformedPacketsWithAnError(String packet, String answer) throws Exception {
        debug(LOOP);
        assertEquals(answer, gdb.ask(packet));
        assertEquals(0x1000, rip());
    }

    @Test
    void shouldAskForAPacketAgainWhoseChecksumIsWrong() throws Exception {
        debug(LOOP);
        gdb.raw("$qC#00");
        gdb.await("-");
        gdb.raw("$qC#zz");
        gdb.await("-");
        assertEquals("QC01", gdb.ask("qC"));
    }

    @Test
    void shouldRefuseAPacketThatIsTooLongAndGoOn() throws Exception {
        debug(LOOP);
        assertEquals("E22", gdb.ask("m".repeat(1 << 20)));
        assertEquals("QC01", gdb.ask("qC"));
    }

    @Test
    void shouldSurviveAnythingThatADebuggerSends() throws Exception {
        debug(LOOP);
        boolean isLong = Boolean.getBoolean("jkvm.long");
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<String> seeds = List.of("g", "m1000,6", "M3000,3:010203", "X3000,3:abc", "P0=8877665544332211", "p10",
                "Z0,1004,1", "z0,1004,1", "Z2,2000,4", "Hg2", "T1", "vCont;s:1", "s", "qfThreadInfo", "qSupported:a+",
                "qXfer:features:read:target.xml:0,ffb", "qThreadExtraInfo,1", "qRcmd,68656c70", "?", "G00");
        for (int i = 0; i < (isLong ? 50_000 : 1_000); i++) {
            StringBuilder packet = new StringBuilder(seeds.get(random.nextInt(seeds.size())));
            for (int change = random.nextInt(3); change > 0; change--) {
                packet.setCharAt(random.nextInt(packet.length()), (char) random.nextInt(' ', 'j'));
            }
            // A kill and a detach are the debugger's wish; code and registers of its making may end the guest.
            if ("kDcCG".indexOf(packet.charAt(0)) < 0 && !packet.toString().startsWith("vK")) {
                if ("sSv".indexOf(packet.charAt(0)) >= 0) {
                    gdb.ask("M1000,6:40a30020ebfa");
                    gdb.ask("P10=0010000000000000");
                }
                gdb.send(packet.toString().replace("vCont;c", "vCont;s").replaceAll("[#$]", "x"));
                // A vCPU that waits for its start-up message ends no step.
                gdb.interrupt();
                gdb.reply();
            }
        }
        assertTrue(gdb.ask("qC").matches("QC0[12]"));
        assertEquals(MachineState.PAUSED, machine.state());
    }
}
