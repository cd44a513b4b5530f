package jkvm.soft.irqchip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Random;
import java.util.function.ToIntFunction;
import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmLapicState;
import jkvm.soft.irqchip.Chips.Access;
import jkvm.vm.RequiresKvm;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The host's KVM and the chips of this package are asked the same at random and must always answer the same. */
@RequiresKvm("it is what the chips are compared with")
@Timeout(120)
class HostChipsTest {
    private static final int STEPS = Integer.getInteger("jkvm.chips.steps", 1_500);
    private static final int LOG = Integer.getInteger("jkvm.chips.log", 40);
    private static final int IOAPIC = 0xFEC00000, LAPIC = 0xFEE00000;
    private static final int PROBE_VECTOR = 0x40, PROBE_VECTOR_BYTE = ApicRegister.IN_SERVICE + 0x20;
    private static final int[] PIC_PORTS = {0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1};
    private static final int[] PIC_COMMANDS = {0x20, 0x20, 0x60, 0x63, 0x80, 0x00, 0xA0, 0xC3, 0xE5, 0x0A, 0x0B, 0x0C,
            0x68, 0x48, 0x11, 0x10, 0x40};
    private static final int[] LVTS = {0x320, 0x330, 0x340, 0x350, 0x360, 0x370};
    private static final int[] MODES = {0, 0, 0, 0x100, 0x100, 0x300, 0x700};

    private Random random;
    private boolean taken;
    private Chips host;
    private Chips java;
    private final Deque<String> log = new ArrayDeque<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shouldAnswerAsTheHostsKvm(long seed) {
        random = new Random(seed);
        try (Chips hostChips = new HostChips(); Chips javaChips = new JavaChips()) {
            host = hostChips;
            java = javaChips;
            compareStates();
            boolean hostEndsInterrupts = hostEndsInterrupts();
            for (int step = 0; step < STEPS; step++) {
                step();
                if (hostEndsInterrupts && isTaken()) {
                    java.access(Access.STORE_LONG, LAPIC + ApicRegister.EOI, 0);
                }
                compareStates();
            }
        }
    }

    /** A KVM that emulates guest code here ends the local APIC's interrupt by itself as soon as any is delivered. */
    private boolean hostEndsInterrupts() {
        for (Chips each : new Chips[] {host, java}) {
            each.access(Access.STORE_LONG, LAPIC + ApicRegister.SPURIOUS_VECTOR, 0x1FF);
            each.signalMsi(0xFEE00000L, PROBE_VECTOR);
        }
        access(Access.INTERRUPT, 0, 0);
        boolean ended = (host.lapic(0)[PROBE_VECTOR_BYTE] & 1) == 0;
        java.access(Access.STORE_LONG, LAPIC + ApicRegister.EOI, 0);
        if (!ended) {
            host.access(Access.STORE_LONG, LAPIC + ApicRegister.EOI, 0);
        }
        taken = false;
        return ended;
    }

    private void step() {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> {
                int gsi = random.nextInt(25);
                boolean level = random.nextBoolean();
                same("line %d %b".formatted(gsi, level), chips -> chips.setLine(gsi, level));
            }
            case 4, 5, 6, 7 -> picAccess();
            case 8, 9, 10 -> ioapicAccess();
            case 11, 12, 13 -> lapicAccess();
            case 14, 15 -> takeInterrupt();
            case 16 -> access(Access.STORE_LONG, LAPIC + ApicRegister.EOI, 0);
            case 17 -> message();
            case 18 -> {
                if (random.nextInt(4) == 0) {
                    replaceState();
                }
            }
            default -> {
                int register = random.nextInt(0x40) << 4;
                if (ApicRegister.isReadable(register, false)) {
                    access(Access.LOAD_LONG, LAPIC + register, 0);
                    access(Access.LOAD_BYTE, LAPIC + register + random.nextInt(4), 0);
                }
            }
        }
    }

    private void takeInterrupt() {
        taken = access(Access.INTERRUPT, 0, 0) != -1;
    }

    private boolean isTaken() {
        boolean was = taken;
        taken = false;
        return was;
    }

    private int any(int[] values) {
        return values[random.nextInt(values.length)];
    }

    private void picAccess() {
        int port = any(PIC_PORTS);
        if (random.nextInt(3) == 0) {
            access(random.nextInt(6) == 0 && (port & 1) == 0 ? Access.IN_WORD : Access.IN_BYTE, port, 0x5555);
        } else {
            int value = (port & 1) == 0 && random.nextInt(4) != 0 ? any(PIC_COMMANDS)
                    : fewBits() & 0xFF;
            access(random.nextInt(20) == 0 && (port & 1) == 0 ? Access.OUT_WORD : Access.OUT_BYTE, port, value);
        }
    }

    private int entry(int deliveryMode) {
        int entry = random.nextInt(256) | deliveryMode;
        for (int bit : new int[] {11, 12, 13, 14, 15}) {
            entry |= random.nextInt(2) << bit;
        }
        return entry | (random.nextInt(5) == 0 ? 1 << 16 : 0);
    }

    private int destination() {
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(3) << 24;
            case 1 -> random.nextInt(256) << 24;
            case 2 -> 0xFF << 24;
            default -> 1 << 24 + random.nextInt(4);
        };
    }

    private void ioapicAccess() {
        int select = random.nextInt(0x42) + (random.nextInt(8) == 0 ? random.nextInt(0xC0) : 0);
        access(Access.STORE_LONG, IOAPIC, select);
        if (random.nextInt(3) == 0) {
            access(any(new int[] {0, 1, 2}) == 0 ? Access.LOAD_BYTE : Access.LOAD_LONG,
                    IOAPIC + any(new int[] {0, 4, 0x10, 0x10, 0x10, 0x11, 0x20}), 0);
        } else {
            access(Access.STORE_LONG, IOAPIC + 0x10, (select & 1) != 0 ? destination() : entry(any(MODES)));
        }
    }

    private void lapicAccess() {
        switch (random.nextInt(9)) {
            case 0 -> access(Access.STORE_LONG, LAPIC + ApicRegister.TASK_PRIORITY,
                    random.nextInt(16) << 4 & random.nextInt(256));
            case 1 -> access(Access.STORE_LONG, LAPIC + ApicRegister.LOGICAL_DESTINATION, random.nextInt());
            case 2 -> access(Access.STORE_LONG, LAPIC + ApicRegister.DESTINATION_FORMAT, any(new int[] {-1, 0, 5}));
            case 3 -> access(Access.STORE_LONG, LAPIC + ApicRegister.SPURIOUS_VECTOR,
                    random.nextInt() | (random.nextInt(4) == 0 ? 0 : 0x100));
            case 4 -> access(Access.STORE_LONG, LAPIC + any(LVTS), entry(any(MODES)));
            case 5 -> access(Access.STORE_LONG, LAPIC + ApicRegister.COMMAND_HIGH, destination());
            case 6, 7 -> access(Access.STORE_LONG, LAPIC + ApicRegister.COMMAND,
                    entry(any(MODES)) & ~(1 << 16) | random.nextInt(4) << 18);
            default -> access(Access.STORE_BYTE, LAPIC + ApicRegister.TASK_PRIORITY, random.nextInt(256));
        }
    }

    private void message() {
        long address = LAPIC & 0xFFF00000L | (destination() >>> 12) | random.nextInt(4) << 2;
        int data = random.nextInt(256) | any(MODES) | random.nextInt(2) << 15;
        same("msi %x %x".formatted(address, data), chips -> chips.signalMsi(address, data));
    }

    private void replaceState() {
        if (random.nextBoolean()) {
            int cpu = random.nextInt(Chips.CPUS);
            KvmLapicState state = new KvmLapicState();
            MemorySegment.copy(MemorySegment.ofArray(host.lapic(cpu)), 0, state.segment(), 0, KvmLapicState.SIZE);
            state.register(ApicRegister.REQUEST + 16 * random.nextInt(8), fewBits());
            if (cpu == 0) {
                state.register(ApicRegister.IN_SERVICE + 16 * random.nextInt(8), fewBits());
            }
            log("replace lapic %d".formatted(cpu));
            host.setLapic(cpu, state);
            java.setLapic(cpu, state);
            // KVM shows the priority that follows from interrupts in service only once the vCPU has run.
            access(Access.LOAD_LONG, LAPIC + ApicRegister.PROCESSOR_PRIORITY, 0);
        } else {
            KvmIrqchip chip = new KvmIrqchip(random.nextInt(3));
            MemorySegment.copy(MemorySegment.ofArray(host.chip(chip.chipId())), 0, chip.segment(), 0, KvmIrqchip.SIZE);
            if (chip.chipId() == KvmIrqchip.IOAPIC) {
                chip.ioapic().irr(random.nextInt(1 << 24));
            } else {
                chip.pic().irr(random.nextInt(256));
                chip.pic().lastIrr(random.nextInt(256));
                chip.pic().isr(fewBits() & 0xFF);
            }
            log("replace chip %d".formatted(chip.chipId()));
            host.setChip(chip);
            java.setChip(chip);
        }
    }

    /** A word in which about a quarter of the bits are set. */
    private int fewBits() {
        int bits = random.nextInt();
        return bits & random.nextInt();
    }

    private int access(Access access, int address, int value) {
        return same("%s %x %x".formatted(access, address, value), chips -> chips.access(access, address, value));
    }

    private void log(String step) {
        log.add(step);
        if (log.size() > LOG) {
            log.remove();
        }
    }

    private int same(String step, ToIntFunction<Chips> action) {
        log(step);
        int expected = action.applyAsInt(host);
        int actual = action.applyAsInt(java);
        log("-> %x".formatted(expected));
        if (step.startsWith("OUT") || step.startsWith("STORE")) {
            return expected;
        }
        assertEquals("%x".formatted(expected), "%x".formatted(actual), this::history);
        return expected;
    }

    private String history() {
        return String.join("; ", log);
    }

    private void compareStates() {
        for (int chip = 0; chip < 3; chip++) {
            int id = chip;
            compare("chip " + chip, host.chip(chip), java.chip(chip), id == KvmIrqchip.IOAPIC ? 224 : 24);
        }
        for (int cpu = 0; cpu < Chips.CPUS; cpu++) {
            compare("lapic " + cpu, host.lapic(cpu), java.lapic(cpu), 1024);
        }
    }

    private void compare(String what, byte[] expected, byte[] actual, int length) {
        for (int i = 0; i < length; i++) {
            if (expected[i] != actual[i]) {
                int at = i & ~7;
                byte[] left = Arrays.copyOfRange(expected, at, at + 8);
                byte[] right = Arrays.copyOfRange(actual, at, at + 8);
                assertArrayEquals(left, right, () -> "%s at 0x%x: host %s, java %s after %s".formatted(what, at,
                        HexFormat.of().formatHex(left), HexFormat.of().formatHex(right), history()));
            }
        }
    }
}
