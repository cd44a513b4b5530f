package jkvm.conformance;

import static jkvm.conformance.Subject.name;
import static jkvm.conformance.Subject.names;

import java.util.List;
import jkvm.abi.KvmDebugRegs;
import jkvm.abi.KvmGuestDebug;
import jkvm.abi.KvmIoctl;

/** Single step and breakpoints for user space. */
final class DebugCases {
    private static final int STEP = KvmGuestDebug.ENABLE | KvmGuestDebug.SINGLESTEP;
    private static final int TWO_BREAKPOINTS = KvmGuestDebug.ENABLE | KvmGuestDebug.INJECT_BP;
    /** DR7: execution at DR0's address, global. */
    private static final long EXECUTE_DR0 = 0x402;

    private DebugCases() {
    }

    static List<ConformanceCase> all() {
        return List.of(
                new ConformanceCase(89, "single step: pc, dr6, the guest's dr6 kept", DebugCases::singleStep),
                new ConformanceCase(89, "single step over STI, MOV SS",
                        kvm -> steps(kvm, 4, "fb 90 8c d0 8e d0 90 90 f4")),
                new ConformanceCase(89, "single step over REP STOSB of 2", kvm -> steps(kvm, 4,
                        "bf 00 20 b9 02 00 f3 aa f4")),
                new ConformanceCase(89, "single step over INT into its handler", kvm -> {
                    kvm.guest("cd 20 f4");
                    kvm.load(4 * 0x20, "00 20 00 00");
                    kvm.load(0x2000, "90 90 e6 10 cf");
                    debug(kvm, STEP);
                    return stop(kvm);
                }),
                new ConformanceCase(89, "single step over HLT", kvm -> steps(kvm, 1, "f4")),
                new ConformanceCase(90, "single step over OUT", kvm -> {
                    kvm.guest("e6 10 90 f4");
                    debug(kvm, STEP);
                    return kvm.run() + " " + kvm.run() + " pc %x dr7 %x".formatted(kvm.page(0).debugPc(),
                            kvm.page(0).debugDr7());
                }),
                new ConformanceCase(91, "guest debug: step without enable, unknown bits, INJECT_BP twice", kvm -> {
                    kvm.guest("90 f4");
                    long step = debug(kvm, KvmGuestDebug.SINGLESTEP);
                    String run = kvm.run();
                    return name(step) + " " + run + " " + names(debug(kvm, 1 << 12), debug(kvm, TWO_BREAKPOINTS),
                            debug(kvm, TWO_BREAKPOINTS));
                }),
                new ConformanceCase(91, "INT3 as a breakpoint of user space: pc", kvm -> {
                    kvm.guest("90 cc f4");
                    debug(kvm, KvmGuestDebug.ENABLE | KvmGuestDebug.USE_SW_BP);
                    return stop(kvm) + " exception " + kvm.page(0).debugException();
                }),
                new ConformanceCase(91, "a breakpoint in a debug register of user space: pc, dr6", kvm -> {
                    kvm.guest("90 90 f4");
                    KvmGuestDebug debug = new KvmGuestDebug();
                    debug.control(KvmGuestDebug.ENABLE | KvmGuestDebug.USE_HW_BP);
                    debug.debugreg(0, Subject.CODE + 1);
                    debug.debugreg(7, EXECUTE_DR0);
                    kvm.vcpu(0, KvmIoctl.SET_GUEST_DEBUG, debug);
                    return stop(kvm) + " dr6 %x".formatted(kvm.page(0).debugDr6());
                }));
    }

    private static long debug(Subject kvm, int control) {
        KvmGuestDebug debug = new KvmGuestDebug();
        debug.control(control);
        return kvm.vcpu(0, KvmIoctl.SET_GUEST_DEBUG, debug);
    }

    private static String stop(Subject kvm) {
        String exit = kvm.run();
        return exit.equals("DEBUG") ? exit + " %x".formatted(kvm.page(0).debugPc()) : exit;
    }

    private static String steps(Subject kvm, int count, String code) {
        kvm.guest(code);
        debug(kvm, STEP);
        StringBuilder text = new StringBuilder(stop(kvm));
        for (int i = 1; i < count; i++) {
            text.append(' ').append(stop(kvm));
        }
        return text.toString();
    }

    private static String singleStep(Subject kvm) {
        String first = steps(kvm, 1, "90 90 f4") + " exception %d dr6 %x dr7 %x".formatted(
                kvm.page(0).debugException(), kvm.page(0).debugDr6(), kvm.page(0).debugDr7());
        KvmDebugRegs own = new KvmDebugRegs();
        kvm.vcpu(0, KvmIoctl.GET_DEBUGREGS, own);
        return first + " own %x".formatted(own.dr6());
    }
}
