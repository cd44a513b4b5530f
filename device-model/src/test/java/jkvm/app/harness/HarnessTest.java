package jkvm.app.harness;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jkvm.abi.KvmCpuidEntry2;
import jkvm.app.harness.HarnessResult.End;
import jkvm.linux.Syscalls;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;

@OnEachKvm
class HarnessTest {
    private final Syscalls kvm;

    HarnessTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    /** Answers reads by a number that the address decides and notes what is written. */
    private static class Recorder implements HarnessCallbacks {
        final List<String> events = new ArrayList<>();
        private int next = 0x11;

        @Override
        public int inb(int port) {
            return port == 0x108 ? next++ : 0xA1;
        }

        @Override
        public int inw(int port) {
            return port == 0x10A ? 0x2200 + next++ : 0xB1B2;
        }

        @Override
        public int inl(int port) {
            return port == 0x10C ? 0x33000000 + next++ : 0xC1C2C3C4;
        }

        @Override
        public void outb(int port, int value) {
            events.add("b %x %x".formatted(port, value));
        }

        @Override
        public void outw(int port, int value) {
            events.add("w %x %x".formatted(port, value));
        }

        @Override
        public void outl(int port, int value) {
            events.add("l %x %x".formatted(port, value));
        }

        @Override
        public long mmioRead(long address, int size) {
            events.add("read %x %d".formatted(address, size));
            return 0x8877665544332211L;
        }

        @Override
        public void mmioWrite(long address, int size, long value) {
            events.add("write %x %d %x".formatted(address, size, value));
        }
    }

    @Test
    void shouldHandlePortsOfEveryWidthAndStringsWithCounts() {
        Recorder recorder = new Recorder();
        assertEquals(End.HALTED, HarnessGuest.runReal(kvm, recorder, "ports").end());
        assertEquals(List.of("b 200 a1", "w 202 b1b2", "l 204 c1c2c3c4",
                "b 208 11", "b 208 12", "b 208 13", "b 208 14", "b 208 15",
                "w 20a 2216", "w 20a 2217", "w 20a 2218",
                "l 20c 33000019", "l 20c 3300001a", "l 20c 3300001b"), recorder.events);
    }

    @Test
    void shouldHandleMemoryAccessesOfOneTwoFourAndEightBytes() {
        Recorder recorder = new Recorder();
        HarnessResult result = HarnessGuest.runProtected(kvm, recorder, "mmio");
        assertEquals(End.HALTED, result.end(), result.report());
        assertEquals(List.of("read d0000000 1", "write d0000008 1 11", "read d0000010 2", "write d0000018 2 2211",
                "read d0000020 4", "write d0000028 4 44332211", "read d0000030 8", "write d0000038 8 8877665544332211"),
                recorder.events);
    }

    @Test
    void shouldEnterAWholeRomAtItsResetVectorAndShowThePayloadAbove() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Harness harness = Harness.create(kvm, new SerialConsole(out))) {
            harness.loadBoot(HarnessGuest.image("vector"));
            harness.loadPayload("P".getBytes(US_ASCII));
            harness.enterResetVector();
            assertTrue(harness.registers().contains("CS =f000 000f0000 0000ffff 00009b00"), harness.registers());
            assertTrue(harness.run().isHalted());
        }
        assertEquals("RP", out.toString(US_ASCII));
    }

    @Test
    void shouldGoOnBehindAHaltThatTheCallbackAccepts() {
        List<String> events = new ArrayList<>();
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public boolean halt(Harness harness) {
                events.add("halt at %x".formatted(harness.vcpu().regs().rip()));
                // Zeroed memory follows the program, which is no place to go on: back to its start, once.
                harness.enterProtectedMode();
                return events.size() < 2;
            }
        };
        assertEquals(End.HALTED, HarnessGuest.runProtected(kvm, callbacks, "payload").end());
        assertEquals(List.of("halt at 10000c", "halt at 10000c"), events);
    }

    @Test
    void shouldDeliverAnInterruptWhenTheWindowOpens() {
        List<String> events = new ArrayList<>();
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            private Harness running;

            @Override
            public void tryPushInterrupts(Harness harness) {
                running = harness;
            }

            @Override
            public void outb(int port, int value) {
                events.add("out " + value);
                if (value == 1) {
                    assertFalse(running.isReadyForInterrupt());
                    running.requestInterruptWindow(true);
                }
            }

            @Override
            public void interruptWindow(Harness harness) {
                events.add("window");
                assertTrue(harness.isReadyForInterrupt());
                harness.requestInterruptWindow(false);
                harness.injectInterrupt(0x20);
            }
        };
        HarnessResult result = assertTimeoutPreemptively(Duration.ofSeconds(5),
                () -> HarnessGuest.runReal(kvm, callbacks, "window"));
        assertEquals(End.HALTED, result.end());
        assertEquals(List.of("out 1", "out 2", "window", "out 3", "out 4"), events);
    }

    @Test
    void shouldCallBackForEachInstructionWhileSingleStepping() {
        List<Long> addresses = new ArrayList<>();
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public boolean debug(Harness harness) {
                long address = harness.vcpu().regs().rip();
                addresses.add(address);
                // The next instruction is HLT, which KVM reports as a step only.
                harness.singleStep(address != 5);
                return addresses.size() < 10;
            }
        };
        try (Harness harness = Harness.create(kvm, callbacks)) {
            harness.loadBoot(HarnessGuest.image("step"));
            harness.enterResetVector();
            harness.singleStep(true);
            assertTrue(harness.run().isHalted());
        }
        // The far jump at the vector, then each instruction of the program.
        assertEquals(List.of(0L, 3L, 4L, 5L), addresses);
    }

    @Test
    void shouldEndWhenTheDebugCallbackSaysSo() {
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public boolean debug(Harness harness) {
                return false;
            }
        };
        try (Harness harness = Harness.create(kvm, callbacks)) {
            harness.loadBoot(HarnessGuest.image("step"));
            harness.enterResetVector();
            harness.singleStep(true);
            assertEquals(End.DEBUG, harness.run().end());
            harness.singleStep(false);
            assertEquals(End.HALTED, harness.run().end());
        }
    }

    @Test
    void shouldShowTheGuestTheCpuidThatTheCallbackMakes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SerialConsole console = new SerialConsole(out) {
            @Override
            public boolean cpuid(KvmCpuidEntry2 leaf) {
                if (leaf.function() == 0) {
                    leaf.ebx(0x6D766B6A);
                    leaf.edx(0x6D766B6A);
                    leaf.ecx(0x6D766B6A);
                }
                return true;
            }
        };
        assertEquals(End.HALTED, HarnessGuest.runReal(kvm, console, "cpuid").end());
        assertEquals("jkvmjkvmjkvm", out.toString(US_ASCII));
    }
}
