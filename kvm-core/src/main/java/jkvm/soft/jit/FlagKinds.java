package jkvm.soft.jit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jkvm.soft.cpu.CodeRegion;
import jkvm.soft.cpu.Flags;
import jkvm.soft.cpu.Insn;
import jkvm.soft.cpu.Op;

/**
 * Which kind of lazy flags a block finds, where all paths to it inside the region agree: a forward data flow. The entry
 * from outside brings any kind, so it has a copy of its block to itself.
 */
final class FlagKinds {
    private final Map<Long, CodeRegion.Part> blocks = new HashMap<>();
    private final Map<Long, Integer> before = new HashMap<>();
    private final List<Long> returns = new ArrayList<>();

    FlagKinds(CodeRegion region) {
        for (CodeRegion.Part block : region.blocks()) {
            blocks.put(block.pc(), block);
            if (block.last().op == Op.CALL || block.last().op == Op.CALL_INDIRECT) {
                returns.add(block.last().after);
            }
        }
        ArrayDeque<CodeRegion.Part> work = new ArrayDeque<>();
        work.add(blocks.get(region.entry()));
        flow(blocks.get(region.entry()), FlagEmitter.UNKNOWN, work);
        while (!work.isEmpty()) {
            CodeRegion.Part block = work.poll();
            Integer kind = before.get(block.pc());
            if (kind != null) {
                flow(block, kind, work);
            }
        }
    }

    /** The kind at the begin of a block that is reached from inside the region; null if it is not. */
    Integer before(CodeRegion.Part block) {
        return before.get(block.pc());
    }

    private void flow(CodeRegion.Part block, int kind, ArrayDeque<CodeRegion.Part> work) {
        int after = after(block, kind);
        for (long successor : successors(block)) {
            CodeRegion.Part next = blocks.get(successor);
            if (next != null) {
                Integer old = before.get(successor);
                int met = old == null || old == after ? after : FlagEmitter.UNKNOWN;
                if (old == null || old != met) {
                    before.put(successor, met);
                    work.add(next);
                }
            }
        }
    }

    private List<Long> successors(CodeRegion.Part block) {
        Insn last = block.last();
        if (!last.ends) {
            return List.of(last.after);
        }
        return switch (last.op) {
            case Op.JCC -> List.of(last.target, last.after);
            case Op.JMP, Op.CALL -> List.of(last.target);
            case Op.RET -> returns;
            default -> List.of();
        };
    }

    private static int after(CodeRegion.Part block, int kind) {
        int now = kind;
        List<Insn> insns = block.insns();
        for (int i = 0; i < insns.size(); i++) {
            now = after(insns, i, now);
        }
        return now;
    }

    private static int after(List<Insn> insns, int i, int before) {
        Insn in = insns.get(i);
        if (!RegionCompiler.isPlain(in)) {
            return FlagEmitter.UNKNOWN;
        }
        if (FlagUse.isUnseen(insns, i)) {
            return before;
        }
        return switch (in.op) {
            case Op.ADD -> Flags.ADD;
            case Op.SUB, Op.CMP, Op.NEG -> Flags.SUB;
            case Op.AND, Op.OR, Op.XOR, Op.TEST -> Flags.LOGIC;
            case Op.INC -> Flags.INC;
            case Op.DEC -> Flags.DEC;
            case Op.SHL, Op.SAL, Op.SHR, Op.SAR -> FlagUse.setsAll(in) ? Flags.MISC : FlagEmitter.UNKNOWN;
            case Op.IMUL2, Op.IMUL3 -> Flags.RAW;
            default -> changesNone(in) ? before : FlagEmitter.UNKNOWN;
        };
    }

    /** True for what is emitted and changes no flags. */
    private static boolean changesNone(Insn in) {
        return switch (in.op) {
            case Op.MOV, Op.LEA, Op.MOVZX8, Op.MOVZX16, Op.MOVSX8, Op.MOVSX16, Op.MOVSXD, Op.CMOV, Op.SETCC, Op.CBW,
                    Op.CWD, Op.NOT, Op.NOP, Op.JCC, Op.JMP, Op.CALL, Op.RET, Op.JMP_INDIRECT, Op.CALL_INDIRECT -> true;
            case Op.PUSH, Op.LEAVE -> in.size == 8;
            case Op.POP -> in.size == 8 && in.memory == 0;
            case Op.BSWAP -> in.size >= 4;
            case Op.XCHG -> in.memory == 0;
            default -> false;
        };
    }
}
