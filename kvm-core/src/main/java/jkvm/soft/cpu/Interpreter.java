package jkvm.soft.cpu;

import jkvm.soft.mmu.GuestException;
import jkvm.soft.mmu.Interruption;
import jkvm.soft.mmu.Mmu;
import jkvm.soft.observe.EdgeCoverage;

/**
 * Executes blocks of decoded instructions, one after the other, until something needs a look. The common instructions
 * are in the loop's own switch; the method must stay below 8,000 bytes of bytecode, or the JVM does not compile it.
 *
 * <p>Faults are precise because each instruction accesses memory before it changes a register or a flag. The lazy flags
 * are in local variables while the loop runs, and in {@link Cpu} whenever another class sees it.
 */
final class Interpreter {
    private static final long MASK_32 = 0xFFFFFFFFL;

    private final Cpu cpu;
    private final CodeCache cache;
    /** Null where nobody counts jumps. Else no block is linked to the next, so that each jump takes the slow path. */
    private final EdgeCoverage coverage;
    /** The fault or the interruption of the instruction at RIP that ended {@link #run} early; else null. */
    RuntimeException thrown;
    /** After {@link #run}: compiled code has left the instruction at RIP to be interpreted, and nothing else. */
    boolean isOneLeft;
    /** Instructions that {@link #run} may still execute. */
    int budget;
    /** {@link #run} returns before a block that has been entered this often, and before one that is compiled. */
    int threshold = Integer.MAX_VALUE;

    Interpreter(Cpu cpu, CodeCache cache) {
        this.cpu = cpu;
        this.cache = cache;
        this.coverage = cpu.observer == null ? null : cpu.observer.coverage();
    }

    /**
     * Executes from a block on. Returns with RIP at the next instruction when the budget is used up, attention is asked
     * for, an instruction has set {@link Cpu#exit} or may have changed the mode, the next block is unknown, or an
     * instruction has thrown.
     */
    void run(Block block) {
        final Cpu cpu = this.cpu;
        final CodeCache cache = this.cache;
        final Mmu mmu = cpu.mmu;
        final long[] r = cpu.r;
        int epoch = cache.epoch;
        int kind = cpu.flagKind;
        long fa = cpu.flagA;
        long fb = cpu.flagB;
        long fr = cpu.flagResult;
        final int hot = threshold;
        int left = budget;
        Block b = block;
        int i = 0;
        try {
            while (true) {
                final Insn[] code = b.code;
                long next = b.end;
                boolean jumped = false;
                for (i = 0; i < code.length; i++) {
                    final Insn in = code[i];
                    final int d = in.dst;
                    final int s = in.src;
                    switch (in.key) {
                        case Key.ADD64: {
                            long x = r[d];
                            long y = s >= 0 ? r[s] : in.imm;
                            kind = Flags.ADD;
                            fa = x;
                            fb = y;
                            fr = x + y;
                            r[d] = fr;
                            break;
                        }
                        case Key.ADD32: {
                            long x = (int) r[d];
                            long y = (int) (s >= 0 ? r[s] : in.imm);
                            kind = Flags.ADD;
                            fa = x;
                            fb = y;
                            fr = (int) (x + y);
                            r[d] = fr & MASK_32;
                            break;
                        }
                        case Key.SUB64: {
                            long x = r[d];
                            long y = s >= 0 ? r[s] : in.imm;
                            kind = Flags.SUB;
                            fa = x;
                            fb = y;
                            fr = x - y;
                            r[d] = fr;
                            break;
                        }
                        case Key.SUB32: {
                            long x = (int) r[d];
                            long y = (int) (s >= 0 ? r[s] : in.imm);
                            kind = Flags.SUB;
                            fa = x;
                            fb = y;
                            fr = (int) (x - y);
                            r[d] = fr & MASK_32;
                            break;
                        }
                        case Key.AND64: {
                            long x = r[d];
                            long y = s >= 0 ? r[s] : in.imm;
                            kind = Flags.LOGIC;
                            fr = x & y;
                            r[d] = fr;
                            break;
                        }
                        case Key.AND32: {
                            long x = (int) r[d];
                            long y = (int) (s >= 0 ? r[s] : in.imm);
                            kind = Flags.LOGIC;
                            fr = (int) (x & y);
                            r[d] = fr & MASK_32;
                            break;
                        }
                        case Key.OR64: {
                            long x = r[d];
                            long y = s >= 0 ? r[s] : in.imm;
                            kind = Flags.LOGIC;
                            fr = x | y;
                            r[d] = fr;
                            break;
                        }
                        case Key.OR32: {
                            long x = (int) r[d];
                            long y = (int) (s >= 0 ? r[s] : in.imm);
                            kind = Flags.LOGIC;
                            fr = (int) (x | y);
                            r[d] = fr & MASK_32;
                            break;
                        }
                        case Key.XOR64: {
                            long x = r[d];
                            long y = s >= 0 ? r[s] : in.imm;
                            kind = Flags.LOGIC;
                            fr = x ^ y;
                            r[d] = fr;
                            break;
                        }
                        case Key.XOR32: {
                            long x = (int) r[d];
                            long y = (int) (s >= 0 ? r[s] : in.imm);
                            kind = Flags.LOGIC;
                            fr = (int) (x ^ y);
                            r[d] = fr & MASK_32;
                            break;
                        }
                        case Key.CMP64: {
                            long x = r[d];
                            long y = s >= 0 ? r[s] : in.imm;
                            kind = Flags.SUB;
                            fa = x;
                            fb = y;
                            fr = x - y;
                            break;
                        }
                        case Key.CMP32: {
                            long x = (int) r[d];
                            long y = (int) (s >= 0 ? r[s] : in.imm);
                            kind = Flags.SUB;
                            fa = x;
                            fb = y;
                            fr = (int) (x - y);
                            break;
                        }
                        case Key.TEST64: {
                            long x = r[d];
                            long y = s >= 0 ? r[s] : in.imm;
                            kind = Flags.LOGIC;
                            fr = x & y;
                            break;
                        }
                        case Key.TEST32: {
                            long x = (int) r[d];
                            long y = (int) (s >= 0 ? r[s] : in.imm);
                            kind = Flags.LOGIC;
                            fr = (int) (x & y);
                            break;
                        }
                        case Key.MOV64:
                            r[d] = s >= 0 ? r[s] : in.imm;
                            break;
                        case Key.MOV32:
                            r[d] = (s >= 0 ? r[s] : in.imm) & MASK_32;
                            break;
                        case Key.LOAD64:
                            r[d] = mmu.load64(address(cpu, r, in, 8));
                            break;
                        case Key.LOAD32:
                            r[d] = mmu.load32(address(cpu, r, in, 4));
                            break;
                        case Key.STORE64:
                            mmu.store64(writeAddress(cpu, r, in, 8), s >= 0 ? r[s] : in.imm);
                            break;
                        case Key.STORE32:
                            mmu.store32(writeAddress(cpu, r, in, 4), s >= 0 ? r[s] : in.imm);
                            break;
                        case Key.STORE16:
                            mmu.store16(writeAddress(cpu, r, in, 2), s >= 0 ? r[s] : in.imm);
                            break;
                        case Key.STORE8:
                            mmu.store8(writeAddress(cpu, r, in, 1), s >= 0 ? r[s] : in.imm);
                            break;
                        case Key.CMPM64: {
                            long x = mmu.load64(address(cpu, r, in, 8));
                            kind = Flags.SUB;
                            fa = x;
                            fb = s >= 0 ? r[s] : in.imm;
                            fr = x - fb;
                            break;
                        }
                        case Key.CMPM32: {
                            long x = (int) mmu.load32(address(cpu, r, in, 4));
                            kind = Flags.SUB;
                            fa = x;
                            fb = (int) (s >= 0 ? r[s] : in.imm);
                            fr = (int) (x - fb);
                            break;
                        }
                        case Key.CMPM8: {
                            long x = (byte) mmu.load8(address(cpu, r, in, 1));
                            kind = Flags.SUB;
                            fa = x;
                            fb = (byte) (s >= 0 ? r[s] : in.imm);
                            fr = (byte) (x - fb);
                            break;
                        }
                        case Key.TESTM8:
                            fr = (byte) (mmu.load8(address(cpu, r, in, 1)) & (s >= 0 ? r[s] : in.imm));
                            kind = Flags.LOGIC;
                            break;
                        case Key.TEST8:
                            fr = (byte) (r[d] & (s >= 0 ? r[s] : in.imm));
                            kind = Flags.LOGIC;
                            break;
                        case Key.CMP8:
                            kind = Flags.SUB;
                            fa = (byte) r[d];
                            fb = (byte) (s >= 0 ? r[s] : in.imm);
                            fr = (byte) (fa - fb);
                            break;
                        case Key.MOVZX8:
                            r[d] = r[s] & 0xFF;
                            break;
                        case Key.MOVZX16:
                            r[d] = r[s] & 0xFFFF;
                            break;
                        case Key.LOADZX8:
                            r[d] = mmu.load8(address(cpu, r, in, 1));
                            break;
                        case Key.LOADZX16:
                            r[d] = mmu.load16(address(cpu, r, in, 2));
                            break;
                        case Key.MOVSXD:
                            r[d] = (int) r[s];
                            break;
                        case Key.MOVSX8_32:
                            r[d] = (byte) r[s] & MASK_32;
                            break;
                        case Key.SHL64: {
                            int n = (int) in.imm & 63;
                            long x = r[d];
                            fr = x << n;
                            long carry = x >>> 64 - n & 1;
                            fa = carry | Cpu.AF | (fr >>> 63 ^ carry) << 11;
                            kind = Flags.MISC;
                            r[d] = fr;
                            break;
                        }
                        case Key.SHL32: {
                            int n = (int) in.imm & 31;
                            int x = (int) r[d];
                            fr = x << n;
                            int carry = x >>> 32 - n & 1;
                            fa = carry | Cpu.AF | ((int) fr >>> 31 ^ carry) << 11;
                            kind = Flags.MISC;
                            r[d] = fr & MASK_32;
                            break;
                        }
                        case Key.SHR64: {
                            int n = (int) in.imm & 63;
                            long x = r[d];
                            fr = x >>> n;
                            fa = x >>> n - 1 & 1 | Cpu.AF | (n == 1 ? x >>> 63 << 11 : 0);
                            kind = Flags.MISC;
                            r[d] = fr;
                            break;
                        }
                        case Key.SHR32: {
                            int n = (int) in.imm & 31;
                            int x = (int) r[d];
                            fr = x >>> n;
                            fa = x >>> n - 1 & 1 | Cpu.AF | (n == 1 ? x >>> 31 << 11 : 0);
                            kind = Flags.MISC;
                            r[d] = fr & MASK_32;
                            break;
                        }
                        case Key.SAR64: {
                            int n = (int) in.imm & 63;
                            long x = r[d];
                            fr = x >> n;
                            fa = x >> n - 1 & 1 | Cpu.AF;
                            kind = Flags.MISC;
                            r[d] = fr;
                            break;
                        }
                        case Key.SAR32: {
                            int n = (int) in.imm & 31;
                            int x = (int) r[d];
                            fr = x >> n;
                            fa = x >> n - 1 & 1 | Cpu.AF;
                            kind = Flags.MISC;
                            r[d] = fr & MASK_32;
                            break;
                        }
                        case Key.LEA64:
                            r[d] = in.disp + r[in.base] + (r[in.index] << in.scale) & in.addressMask;
                            break;
                        case Key.LEA32:
                            r[d] = in.disp + r[in.base] + (r[in.index] << in.scale) & in.addressMask & MASK_32;
                            break;
                        case Key.PUSH64: {
                            long a = r[Cpu.RSP] - 8;
                            mmu.store64(a, s >= 0 ? r[s] : in.imm);
                            r[Cpu.RSP] = a;
                            break;
                        }
                        case Key.POP64: {
                            long v = mmu.load64(r[Cpu.RSP]);
                            r[Cpu.RSP] += 8;
                            r[d] = v;
                            break;
                        }
                        case Key.PUSH32: {
                            long a = r[Cpu.RSP] - 4 & MASK_32;
                            mmu.store32(a, s >= 0 ? r[s] : in.imm);
                            r[Cpu.RSP] = a;
                            break;
                        }
                        case Key.POP32: {
                            long v = mmu.load32(r[Cpu.RSP]);
                            r[Cpu.RSP] = r[Cpu.RSP] + 4 & MASK_32;
                            r[d] = v;
                            break;
                        }
                        case Key.CALL64: {
                            long a = r[Cpu.RSP] - 8;
                            mmu.store64(a, in.after);
                            r[Cpu.RSP] = a;
                            next = in.target;
                            jumped = true;
                            break;
                        }
                        case Key.RET64:
                            next = mmu.load64(r[Cpu.RSP]);
                            if (next << 16 >> 16 != next) {
                                StackOps.checkTarget(cpu, next);
                            }
                            r[Cpu.RSP] += 8 + in.imm;
                            jumped = true;
                            break;
                        case Key.CALL32: {
                            long a = r[Cpu.RSP] - 4 & MASK_32;
                            mmu.store32(a, in.after);
                            r[Cpu.RSP] = a;
                            next = in.target;
                            jumped = true;
                            break;
                        }
                        case Key.RET32:
                            next = mmu.load32(r[Cpu.RSP]);
                            StackOps.checkTarget(cpu, next);
                            r[Cpu.RSP] = r[Cpu.RSP] + 4 + in.imm & MASK_32;
                            jumped = true;
                            break;
                        case Key.JMP:
                            next = in.target;
                            jumped = true;
                            break;
                        case Key.JCC:
                            if (Flags.condition(in.condition, kind, fa, fb, fr)) {
                                next = in.target;
                                jumped = true;
                            }
                            break;
                        case Key.JMP_R64:
                            next = r[s];
                            if (next << 16 >> 16 != next) {
                                StackOps.checkTarget(cpu, next);
                            }
                            jumped = true;
                            break;
                        case Key.BINARY_M64: {
                            long y = mmu.load64(address(cpu, r, in, 8));
                            long x = r[d];
                            switch (in.op) {
                                case Op.ADD -> {
                                    kind = Flags.ADD;
                                    fr = x + y;
                                    r[d] = fr;
                                }
                                case Op.SUB -> {
                                    kind = Flags.SUB;
                                    fr = x - y;
                                    r[d] = fr;
                                }
                                case Op.CMP -> {
                                    kind = Flags.SUB;
                                    fr = x - y;
                                }
                                default -> {
                                    kind = Flags.LOGIC;
                                    fr = in.op == Op.AND ? x & y : in.op == Op.OR ? x | y : x ^ y;
                                    r[d] = fr;
                                }
                            }
                            fa = x;
                            fb = y;
                            break;
                        }
                        case Key.BINARY_M32: {
                            long y = (int) mmu.load32(address(cpu, r, in, 4));
                            long x = (int) r[d];
                            switch (in.op) {
                                case Op.ADD -> {
                                    kind = Flags.ADD;
                                    fr = (int) (x + y);
                                    r[d] = fr & MASK_32;
                                }
                                case Op.SUB -> {
                                    kind = Flags.SUB;
                                    fr = (int) (x - y);
                                    r[d] = fr & MASK_32;
                                }
                                case Op.CMP -> {
                                    kind = Flags.SUB;
                                    fr = (int) (x - y);
                                }
                                default -> {
                                    kind = Flags.LOGIC;
                                    fr = in.op == Op.AND ? x & y : in.op == Op.OR ? x | y : x ^ y;
                                    r[d] = fr & MASK_32;
                                }
                            }
                            fa = x;
                            fb = y;
                            break;
                        }
                        case Key.STEP64:
                            fa = Flags.carry(kind, fa, fb, fr) ? 1 : 0;
                            fb = r[d];
                            if (in.op == Op.INC) {
                                kind = Flags.INC;
                                fr = fb + 1;
                            } else {
                                kind = Flags.DEC;
                                fr = fb - 1;
                            }
                            r[d] = fr;
                            break;
                        case Key.STEP32:
                            fa = Flags.carry(kind, fa, fb, fr) ? 1 : 0;
                            fb = (int) r[d];
                            if (in.op == Op.INC) {
                                kind = Flags.INC;
                                fr = (int) fb + 1;
                            } else {
                                kind = Flags.DEC;
                                fr = (int) fb - 1;
                            }
                            r[d] = fr & MASK_32;
                            break;
                        case Key.IMUL: {
                            long x = r[s];
                            long y = in.op == Op.IMUL3 ? in.imm : r[d];
                            fa = Flags.materialize(kind, fa, fb, fr) & ~Flags.CARRY_OVERFLOW;
                            boolean fits;
                            if (in.size == 8) {
                                long low = x * y;
                                fits = Math.multiplyHigh(x, y) == low >> 63;
                                r[d] = low;
                            } else {
                                long product = (long) (int) x * (int) y;
                                fits = product == (int) product;
                                r[d] = product & MASK_32;
                            }
                            fa |= fits ? 0 : Flags.CARRY_OVERFLOW;
                            kind = Flags.RAW;
                            break;
                        }
                        case Key.CONDITIONAL: {
                            boolean holds = Flags.condition(in.condition, kind, fa, fb, fr);
                            if (in.op == Op.SETCC) {
                                r[d] = r[d] & ~0xFFL | (holds ? 1 : 0);
                            } else {
                                long value = holds ? r[s] : r[d];
                                r[d] = in.size == 8 ? value : value & MASK_32;
                            }
                            break;
                        }
                        case Key.NOP:
                            break;
                        default:
                            cpu.flagKind = kind;
                            cpu.flagA = fa;
                            cpu.flagB = fb;
                            cpu.flagResult = fr;
                            cpu.rip = in.after;
                            Groups.execute(cpu, in);
                            kind = cpu.flagKind;
                            fa = cpu.flagA;
                            fb = cpu.flagB;
                            fr = cpu.flagResult;
                            if (in.ends) {
                                next = cpu.rip;
                                jumped = next != in.after;
                                if (in.key >= Key.FIRST_LEAVING || in.op == Op.POPF || cpu.exit != 0) {
                                    budget = left - code.length + (cpu.exit == ExitCause.USER_SPACE ? 1 : 0);
                                    return;
                                }
                            }
                            break;
                    }
                }
                left -= code.length;
                Block to = null;
                if (b.linkedIn == epoch) {
                    to = jumped ? b.taken : b.fall;
                }
                if (to == null || to.pc != next) {
                    to = findNext(b, jumped, next, epoch);
                }
                if (to == null || left < 0 || to.heat++ == hot || cpu.needsAttention()) {
                    cpu.rip = next;
                    break;
                }
                if (to.compiled != null) {
                    cpu.flagKind = kind;
                    cpu.flagA = fa;
                    cpu.flagB = fb;
                    cpu.flagResult = fr;
                    budget = left;
                    to = runCompiled(to);
                    if (to == null) {
                        return;
                    }
                    left = budget;
                    kind = cpu.flagKind;
                    fa = cpu.flagA;
                    fb = cpu.flagB;
                    fr = cpu.flagResult;
                    epoch = cache.epoch;
                }
                b = to;
            }
        } catch (GuestException | Interruption e) {
            if (cpu.fault.notCanonical) {
                StackOps.nameStackFault(cpu, b.code[i]);
            }
            cpu.rip = b.code[i].pc;
            left -= i;
            thrown = e;
        }
        cpu.flagKind = kind;
        cpu.flagA = fa;
        cpu.flagB = fb;
        cpu.flagResult = fr;
        budget = left;
    }

    boolean countsJumps() {
        return coverage != null;
    }

    /** The block at an offset; null if it is unknown. */
    private Block findNext(Block from, boolean jumped, long next, int epoch) {
        Block to = cache.find(next);
        if (coverage != null) {
            coverage.passed(from.pc, next);
        } else if (to != null) {
            from.link(jumped, to, epoch);
        }
        return to;
    }

    /**
     * Runs compiled regions, one after the other, the processor's fields up to date before and after.
     *
     * @return the next block if it is one to interpret; null to return to the caller, with RIP where to go on
     */
    Block runCompiled(Block first) {
        cpu.budget = budget;
        Block block = first;
        int status;
        do {
            status = block.compiled.run(cpu);
            block = status == CompiledCode.INTERPRET ? null : cache.find(cpu.rip);
        } while (status == CompiledCode.LEFT && block != null && block.compiled != null && cpu.budget >= 0
                && cpu.exit == ExitCause.NONE && !cpu.needsAttention());
        budget = cpu.budget;
        isOneLeft = status == CompiledCode.INTERPRET;
        if (status == CompiledCode.MISSED) {
            // Interpreted even where compiled code begins, and even if a thread waits: it would miss again.
            return budget >= 0 ? block : null;
        }
        boolean goesOn = block != null && block.compiled == null && budget >= 0 && block.heat++ != threshold
                && cpu.exit == ExitCause.NONE && !cpu.needsAttention();
        return goesOn ? block : null;
    }

    private static long address(Cpu cpu, long[] r, Insn in, int size) {
        long offset = in.disp + r[in.base] + (r[in.index] << in.scale) & in.addressMask;
        return in.segment < 0 ? offset : Segments.linear(cpu, in.segment, offset, size, false);
    }

    private static long writeAddress(Cpu cpu, long[] r, Insn in, int size) {
        long offset = in.disp + r[in.base] + (r[in.index] << in.scale) & in.addressMask;
        return in.segment < 0 ? offset : Segments.linear(cpu, in.segment, offset, size, true);
    }
}
