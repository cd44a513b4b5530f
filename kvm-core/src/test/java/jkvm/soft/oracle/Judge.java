package jkvm.soft.oracle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Compares how a snippet ended on the silicon and on the soft CPU. */
final class Judge {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int FLAGS = 0x244CD5;
    private static final int UNDEFINED_OPCODE = 6, PAGE_FAULT = 14;
    private static final float TINY = 0x1.01p-126f;
    private static final long USER_END = 0x7FFF_FFFF_F000L;
    private static final String[] NAMES = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10",
            "r11", "r12", "r13", "r14", "r15"};

    /** The result of a comparison. */
    enum Verdict { SAME, DIFFERENT, ONLY_SILICON_HAS_IT, ONLY_SOFT_HAS_IT }

    private final boolean sameVendor;
    private final List<String> differences = new ArrayList<>();

    /** @param sameVendor the host's processor is of the maker whose undefined results the soft CPU follows */
    Judge(boolean sameVendor) {
        this.sameVendor = sameVendor;
    }

    Verdict compare(Snippet snippet, State silicon, State soft) {
        differences.clear();
        if (silicon.vector != soft.vector) {
            differences.add("ended by " + ending(silicon) + ", soft " + ending(soft));
            return soft.vector == UNDEFINED_OPCODE ? Verdict.ONLY_SILICON_HAS_IT
                    : silicon.vector == UNDEFINED_OPCODE ? Verdict.ONLY_SOFT_HAS_IT : Verdict.DIFFERENT;
        }
        if (silicon.vector != State.ENDLESS) {
            compareAll(snippet, silicon, soft);
        }
        return differences.isEmpty() ? Verdict.SAME : Verdict.DIFFERENT;
    }

    private void compareAll(Snippet snippet, State silicon, State soft) {
        number("rip", silicon.rip, soft.rip);
        Vendor open = sameVendor ? Vendor.NOTHING : Vendor.of(snippet, silicon.vector);
        // Linux says of each address above user space that its page is present; another page may be present or not
        boolean kernel = Long.compareUnsigned(silicon.cr2, USER_END) >= 0;
        long hidden = silicon.vector == PAGE_FAULT && (kernel || open.address()) ? 1 : 0;
        number("error code", silicon.error & ~hidden, soft.error & ~hidden);
        if (!open.address()) {
            number("cr2", silicon.cr2, soft.cr2);
        }
        for (int i = 0; i < 16; i++) {
            number(NAMES[i], silicon.r[i] & open.mask(i), soft.r[i] & open.mask(i));
        }
        boolean isDone = silicon.vector == State.COMPLETE || silicon.rip != snippet.in.rip || snippet.repeat;
        int undefined = sameVendor || !isDone ? 0 : UndefinedFlags.of(snippet);
        number("flags", silicon.flags & FLAGS & ~undefined, soft.flags & FLAGS & ~undefined);
        number("cs", silicon.cs, soft.cs);
        number("ss", silicon.ss, soft.ss);
        number("ds", selector(silicon.ds), selector(soft.ds));
        number("es", selector(silicon.es), selector(soft.es));
        base("fs", silicon.fs, soft.fs, silicon.fsBase, soft.fsBase, snippet);
        base("gs", silicon.gs, soft.gs, silicon.gsBase, soft.gsBase, snippet);
        if (!open.memory()) {
            bytes("memory", silicon.memory, soft.memory, 0, silicon.memory.length);
        }
        floatingPoint(snippet, silicon.fx, soft.fx, open.x87());
        bytes("ymm", silicon.ymm, soft.ymm, 0, silicon.ymm.length);
    }

    /** All but the error pointers, which vendors keep at different times. */
    private void floatingPoint(Snippet snippet, byte[] silicon, byte[] soft, boolean openX87) {
        bytes("mxcsr", silicon, soft, State.MXCSR, 4);
        if (!openX87) {
            x87(silicon, soft, Transcendental.is(snippet));
        }
        boolean estimates = snippet.opcode.map() == 1 && (snippet.opcode.value() & 0xFE) == 0x52;
        for (int i = 0; i < 16; i++) {
            if (!estimates || !areEstimates(silicon, soft, State.XMM + 16 * i)) {
                bytes("xmm" + i, silicon, soft, State.XMM + 16 * i, 16);
            }
        }
    }

    private void x87(byte[] silicon, byte[] soft, boolean transcendental) {
        for (int i = 0; i < 8; i++) {
            int at = State.ST + 16 * i;
            if (!transcendental || !Transcendental.areNeighbours(silicon, soft, at)) {
                bytes("st" + i, silicon, soft, at, 10);
            }
        }
        bytes("fcw", silicon, soft, State.FCW, 2);
        bytes("ftw", silicon, soft, State.FTW, 1);
        if (!transcendental || !Transcendental.isSameButForRounding(silicon, soft)) {
            bytes("fsw", silicon, soft, State.FSW, 2);
        }
    }

    /**
     * RCPPS and RSQRTPS: each result within 1.5 * 2^-12 of the exact one, hence within twice that of each other; near
     * the smallest normal number it may be 0 instead (SDM volume 2, RCPPS).
     */
    private static boolean areEstimates(byte[] silicon, byte[] soft, int at) {
        for (int lane = at; lane < at + 16; lane += 4) {
            float a = Float.intBitsToFloat((int) INT.get(silicon, lane));
            float b = Float.intBitsToFloat((int) INT.get(soft, lane));
            boolean same = Float.floatToRawIntBits(a) == Float.floatToRawIntBits(b);
            boolean tiny = Math.abs(a) <= TINY && Math.abs(b) <= TINY;
            if (!same && !tiny && !(Math.abs(a - b) <= Math.abs(a) * 3 / 4096)) {
                return false;
            }
        }
        return true;
    }

    /** A null selector loses its two lowest bits when the kernel returns to user code. */
    private static int selector(int selector) {
        return selector < 4 ? 0 : selector;
    }

    /** FS or GS. A null selector clears the base on Intel's processors, and leaves it alone on AMD's. */
    private void base(String name, int silicon, int soft, long siliconBase, long softBase, Snippet snippet) {
        number(name, selector(silicon), selector(soft));
        if (sameVendor || silicon >= 4 || !Exclusions.loadsFsOrGs(snippet)) {
            number(name + " base", siliconBase, softBase);
        }
    }

    private void number(String name, long silicon, long soft) {
        if (silicon != soft) {
            differences.add("%s %x, soft %x".formatted(name, silicon, soft));
        }
    }

    private void bytes(String name, byte[] silicon, byte[] soft, int from, int length) {
        int at = Arrays.mismatch(silicon, from, from + length, soft, from, from + length);
        if (at < 0) {
            return;
        }
        int start = from + (length > 16 ? at & ~7 : 0);
        int end = Math.min(from + length, start + 16);
        differences.add("%s%s %s, soft %s".formatted(name, length > 16 ? "+" + (at & ~7) : "", hex(silicon, start, end),
                hex(soft, start, end)));
    }

    /** Most significant byte first. */
    private static String hex(byte[] bytes, int from, int to) {
        byte[] reversed = new byte[to - from];
        for (int i = 0; i < reversed.length; i++) {
            reversed[i] = bytes[to - 1 - i];
        }
        return HexFormat.of().formatHex(reversed);
    }

    private static String ending(State state) {
        String how = switch (state.vector) {
            case State.COMPLETE -> "completion";
            case State.ENDLESS -> "no end";
            case State.OTHER -> "something else";
            default -> "exception " + state.vector + " (error " + Long.toHexString(state.error) + ")";
        };
        return how + " at " + Long.toHexString(state.rip) + (state.note.isEmpty() ? "" : " " + state.note);
    }

    /** The differences that the last comparison found. */
    List<String> differences() {
        return differences;
    }
}
