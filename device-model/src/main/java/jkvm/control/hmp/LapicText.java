package jkvm.control.hmp;

import jkvm.abi.KvmLapicState;

/** The registers of a local APIC as QEMU shows them (Intel SDM volume 3, table 11-1). */
final class LapicText {
    private static final int APR = 0x90;
    private static final int PPR = 0xA0;
    private static final int LDR = 0xD0;
    private static final int DFR = 0xE0;
    private static final int ISR = 0x100;
    private static final int TMR = 0x180;
    private static final int IRR = 0x200;
    private static final int ESR = 0x280;
    private static final int ICR_HIGH = 0x310;
    private static final int LVT_TIMER = 0x320;
    private static final int LVT_THERMAL = 0x330;
    private static final int LVT_COUNTERS = 0x340;
    private static final int LVT_ERROR = 0x370;
    private static final int INITIAL_COUNT = 0x380;
    private static final int CURRENT_COUNT = 0x390;
    private static final int DIVIDE = 0x3E0;
    private static final int NMI_MODE = 4;
    private static final String[] MODES = {"Fixed", "...", "SMI", "...", "NMI", "INIT", "...", "ExtINT"};
    private static final String[] TIMER_MODES = {"one-shot", "periodic", "tsc-deadline", "periodic"};
    private static final String[] SHORTHANDS = {"no-shorthand", "self", "all-self", "all"};

    private final KvmLapicState lapic;
    private final StringBuilder text = new StringBuilder();

    private LapicText(KvmLapicState lapic) {
        this.lapic = lapic;
    }

    /** @param cpu its number */
    static String of(int cpu, KvmLapicState lapic) {
        LapicText dump = new LapicText(lapic);
        dump.print("dumping local APIC state for CPU %-2d\n\n", cpu);
        dump.sources();
        dump.commands();
        dump.vectors("ISR", ISR);
        dump.vectors("IRR", IRR);
        dump.priorities();
        return dump.text.toString();
    }

    private void print(String format, Object... values) {
        text.append(format.formatted(values));
    }

    private boolean isSet(int register, int bit) {
        return (lapic.register(register) >>> bit & 1) != 0;
    }

    private void sources() {
        source("LVT0", KvmLapicState.LVT_LINT0_REGISTER, "");
        source("LVT1", KvmLapicState.LVT_LINT1_REGISTER, "");
        source("LVTPC", LVT_COUNTERS, "");
        source("LVTERR", LVT_ERROR, "");
        source("LVTTHMR", LVT_THERMAL, "");
        source("LVTT", LVT_TIMER, TIMER_MODES[lapic.register(LVT_TIMER) >>> 17 & 3]);
        int divide = lapic.register(DIVIDE);
        int shift = (divide & 3 | (divide & 8) >> 1) + 1 & 7;
        print("Timer\t DCR=0x%x (divide by %d) initial_count = %s current_count = %s\n", divide, 1 << shift,
                Integer.toUnsignedString(lapic.register(INITIAL_COUNT)),
                Integer.toUnsignedString(lapic.register(CURRENT_COUNT)));
        int spurious = KvmLapicState.SPURIOUS_REGISTER;
        print("SPIV\t 0x%08x APIC %s, focus=%s, spurious vec %d\n", lapic.register(spurious),
                isSet(spurious, 8) ? "enabled" : "disabled", isSet(spurious, 9) ? "on" : "off",
                lapic.register(spurious) & 0xFF);
    }

    private void source(String name, int register, String timerMode) {
        int value = lapic.register(register);
        int mode = value >>> 8 & 7;
        print("%s\t 0x%08x %s %-5s %-6s %-7s %-12s %-6s", name, value, isSet(register, 13) ? "active-lo" : "active-hi",
                isSet(register, 15) ? "level" : "edge", isSet(register, 16) ? "masked" : "",
                isSet(register, 12) ? "pending" : "", timerMode, MODES[mode]);
        print(mode == NMI_MODE ? "\n" : " (vec %d)\n", value & 0xFF);
    }

    private void commands() {
        int icr = KvmLapicState.ICR_REGISTER;
        int shorthand = lapic.register(icr) >>> 18 & 3;
        boolean isLogical = isSet(icr, 11);
        print("ICR\t 0x%08x %s %s %s %s\n", lapic.register(icr), isLogical ? "logical" : "physical",
                isSet(icr, 15) ? "level" : "edge", isSet(icr, 14) ? "assert" : "de-assert", SHORTHANDS[shorthand]);
        int destination = lapic.register(ICR_HIGH);
        print("ICR2\t 0x%08x", destination);
        print(shorthand != 0 || isLogical ? "\n" : " cpu %d (APIC ID)\n", destination >>> 24);
        print("ESR\t 0x%08x\n", lapic.register(ESR));
    }

    private void vectors(String name, int first) {
        StringBuilder vectors = new StringBuilder();
        for (int vector = 0; vector < 256; vector++) {
            int offset = vector / 32 * 16;
            if (isSet(first + offset, vector % 32)) {
                vectors.append(vector).append(isSet(TMR + offset, vector % 32) ? "(level) " : " ");
            }
        }
        print("%s\t %s\n", name, vectors.isEmpty() ? "(none)" : vectors);
    }

    private void priorities() {
        print("\nAPR 0x%02x TPR 0x%02x DFR 0x%02x LDR 0x%02x", lapic.register(APR),
                lapic.register(KvmLapicState.TPR_REGISTER), lapic.register(DFR) >>> 28, lapic.register(LDR) >>> 24);
        if (lapic.register(DFR) >>> 28 == 0) {
            print("(cluster %d: id %d)", lapic.register(LDR) >>> 28, lapic.register(LDR) >>> 24 & 0xF);
        }
        print(" PPR 0x%02x\n", lapic.register(PPR));
    }
}
