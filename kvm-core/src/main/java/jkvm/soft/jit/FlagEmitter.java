package jkvm.soft.jit;

import static jkvm.soft.jit.Emitter.FLAGS;
import static jkvm.soft.jit.Emitter.FLAG_A;
import static jkvm.soft.jit.Emitter.FLAG_B;
import static jkvm.soft.jit.Emitter.FLAG_KIND;
import static jkvm.soft.jit.Emitter.I;
import static jkvm.soft.jit.Emitter.J;
import static jkvm.soft.jit.Emitter.RESULT;
import static jkvm.soft.jit.Emitter.Z;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import jkvm.soft.cpu.Flags;

/** Emits what reads and sets the lazy flags. Where the kind is known the test of a condition is one comparison. */
final class FlagEmitter {
    /** {@link Emitter#known} where several paths meet. */
    static final int UNKNOWN = -1;
    private static final ClassDesc LONG = ClassDesc.of("java.lang.Long");
    private static final MethodTypeDesc COMPARE = MethodTypeDesc.of(I, J, J);
    private static final MethodTypeDesc CONDITION = MethodTypeDesc.of(Z, I, I, J, J, J);
    private static final MethodTypeDesc CARRY = MethodTypeDesc.of(Z, I, J, J, J);
    private static final int OVERFLOW = 0, BELOW = 1, ZERO = 2, BELOW_EQUAL = 3, SIGN = 4, LESS = 6, LESS_EQUAL = 7;

    private final Emitter e;
    private final CodeBuilder b;

    FlagEmitter(Emitter e) {
        this.e = e;
        this.b = e.b;
    }

    /** The flags' operands and result are in their locals: notes what they mean. */
    void kind(int kind) {
        b.loadConstant(kind).istore(FLAG_KIND);
        e.known = kind;
    }

    /** Pushes the kind: a constant where it is known, so that what is called with it folds. */
    private void pushKind() {
        if (e.known == UNKNOWN) {
            b.iload(FLAG_KIND);
        } else {
            b.loadConstant(e.known);
        }
    }

    /** Pushes CF as an int. */
    void carry() {
        switch (e.known) {
            case Flags.LOGIC -> b.loadConstant(0);
            case Flags.ADD -> pushBelow(RESULT, FLAG_A);
            case Flags.SUB -> pushBelow(FLAG_A, FLAG_B);
            case Flags.RAW, Flags.MISC, Flags.INC, Flags.DEC -> b.lload(FLAG_A).l2i().loadConstant(1).iand();
            default -> {
                pushKind();
                b.lload(FLAG_A).lload(FLAG_B).lload(RESULT).invokestatic(FLAGS, "carry", CARRY);
            }
        }
    }

    /** Pushes 1 if one local is below another, else 0. */
    private void pushBelow(int x, int y) {
        b.lload(x).lload(y).invokestatic(LONG, "compareUnsigned", COMPARE).loadConstant(31).iushr();
    }

    /** Pushes all six flags at their places. */
    void materialize() {
        pushKind();
        b.lload(FLAG_A).lload(FLAG_B).lload(RESULT)
                .invokestatic(FLAGS, "materialize", MethodTypeDesc.of(I, I, J, J, J));
    }

    /** Jumps to a label if the condition (0 to 15) holds. */
    void branch(int condition, Label target) {
        if (!comparison(condition, target)) {
            b.loadConstant(condition);
            pushKind();
            b.lload(FLAG_A).lload(FLAG_B).lload(RESULT).invokestatic(FLAGS, "condition", CONDITION).ifne(target);
        }
    }

    private boolean comparison(int condition, Label target) {
        boolean not = (condition & 1) != 0;
        int test = condition >> 1;
        boolean hasResult = e.known != UNKNOWN && e.known != Flags.RAW;
        if (hasResult && (test == ZERO || test == SIGN)) {
            b.lload(RESULT).loadConstant(0L).lcmp();
            jump(test == ZERO ? 0 : -1, not, target);
            return true;
        }
        return switch (e.known) {
            case Flags.SUB -> subtraction(test, not, target);
            case Flags.LOGIC -> logic(test, not, target);
            case Flags.ADD -> test == BELOW && below(RESULT, FLAG_A, not, target);
            case Flags.RAW, Flags.MISC, Flags.INC, Flags.DEC -> test == BELOW && carrySet(not, target);
            default -> false;
        };
    }

    private boolean subtraction(int test, boolean not, Label target) {
        switch (test) {
            case BELOW -> below(FLAG_A, FLAG_B, not, target);
            case BELOW_EQUAL -> {
                b.lload(FLAG_A).lload(FLAG_B).invokestatic(LONG, "compareUnsigned", COMPARE);
                jump(1, not, target);
            }
            case LESS, LESS_EQUAL -> {
                b.lload(FLAG_A).lload(FLAG_B).lcmp();
                jump(test == LESS ? -1 : 1, not, target);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean below(int a, int c, boolean not, Label target) {
        b.lload(a).lload(c).invokestatic(LONG, "compareUnsigned", COMPARE);
        jump(-1, not, target);
        return true;
    }

    private boolean carrySet(boolean not, Label target) {
        carry();
        jump(0, !not, target);
        return true;
    }

    private boolean logic(int test, boolean not, Label target) {
        switch (test) {
            case OVERFLOW, BELOW -> {
                if (not) {
                    b.goto_(target);
                }
            }
            case BELOW_EQUAL -> {
                b.lload(RESULT).loadConstant(0L).lcmp();
                jump(0, not, target);
            }
            case LESS, LESS_EQUAL -> {
                b.lload(RESULT).loadConstant(0L).lcmp();
                jump(test == LESS ? -1 : 1, not, target);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Jumps by a comparison's int: -1 if it is less than 0, 0 if equal, 1 if less or equal; or by the opposite. */
    private void jump(int kind, boolean not, Label target) {
        switch (kind) {
            case -1 -> {
                if (not) {
                    b.ifge(target);
                } else {
                    b.iflt(target);
                }
            }
            case 0 -> {
                if (not) {
                    b.ifne(target);
                } else {
                    b.ifeq(target);
                }
            }
            default -> {
                if (not) {
                    b.ifgt(target);
                } else {
                    b.ifle(target);
                }
            }
        }
    }
}
