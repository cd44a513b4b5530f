package jkvm.disassembler;

/**
 * The x87 instructions; {@link OpcodeTable} says how to read it. An {@code N} in a name stands for {@code n} unless
 * WAIT goes before it. AT&amp;T's assembler once exchanged the reversed subtractions and divisions whose result goes
 * to another register than ST, and all follow it since. A memory form that does not exist has its operand in the text.
 */
final class X87Opcodes {
    /** The operations of D8, DA, DC and DE by the ModRM byte's register field. */
    static final String[] ARITHMETIC = {"add", "mul", "com", "comp", "sub", "subr", "div", "divr"};

    static final String TEXT = """
            d8/0r fadd ST,STi
            d8/1r fmul ST,STi
            d8/2r fcom STi
            d8/3r fcomp STi
            d8/4r fsub ST,STi
            d8/5r fsubr ST,STi
            d8/6r fdiv ST,STi
            d8/7r fdivr ST,STi
            d9/0m fld|flds Md
            d9/1m (bad) Mn
            d9/2m fst|fsts Md
            d9/3m fstp|fstps Md
            d9/4m fldenv: Mn
            d9/5m fldcw Mw
            d9/6m fNstenv: Mn
            d9/7m fNstcw Mw
            d9/0r fld STi
            d9/1r fxch STi
            d9=d0 fnop
            d9=e0 fchs
            d9=e1 fabs
            d9=e4 ftst
            d9=e5 fxam
            d9=e8 fld1
            d9=e9 fldl2t
            d9=ea fldl2e
            d9=eb fldpi
            d9=ec fldlg2
            d9=ed fldln2
            d9=ee fldz
            d9=f0 f2xm1
            d9=f1 fyl2x
            d9=f2 fptan
            d9=f3 fpatan
            d9=f4 fxtract
            d9=f5 fprem1
            d9=f6 fdecstp
            d9=f7 fincstp
            d9=f8 fprem
            d9=f9 fyl2xp1
            d9=fa fsqrt
            d9=fb fsincos
            d9=fc frndint
            d9=fd fscale
            d9=fe fsin
            d9=ff fcos
            da/0r fcmovb ST,STi
            da/1r fcmove ST,STi
            da/2r fcmovbe ST,STi
            da/3r fcmovu ST,STi
            da=e9 fucompp
            db/0m fild|fildl Md
            db/1m fisttp|fisttpl Md
            db/2m fist|fistl Md
            db/3m fistp|fistpl Md
            db/4m (bad) Mn
            db/5m fld|fldt Mt
            db/6m (bad) Mn
            db/7m fstp|fstpt Mt
            db/0r fcmovnb ST,STi
            db/1r fcmovne ST,STi
            db/2r fcmovnbe ST,STi
            db/3r fcmovnu ST,STi
            db=e0 fNeni(8087_only)
            db=e1 fNdisi(8087_only)
            db=e2 fNclex
            db=e3 fNinit
            db=e4 fNsetpm(287_only)
            db=e5 frstpm(287_only)
            db/5r fucomi ST,STi
            db/6r fcomi ST,STi
            dc/0r fadd STi,ST
            dc/1r fmul STi,ST
            dc/4r fsubr|fsub STi,ST
            dc/5r fsub|fsubr STi,ST
            dc/6r fdivr|fdiv STi,ST
            dc/7r fdiv|fdivr STi,ST
            dd/0m fld|fldl Mq
            dd/1m fisttp|fisttpll Mq
            dd/2m fst|fstl Mq
            dd/3m fstp|fstpl Mq
            dd/4m frstor: Mn
            dd/5m (bad) Mn
            dd/6m fNsave: Mn
            dd/7m fNstsw Mw
            dd/0r ffree STi
            dd/2r fst STi
            dd/3r fstp STi
            dd/4r fucom STi
            dd/5r fucomp STi
            de/0r faddp STi,ST
            de/1r fmulp STi,ST
            de=d9 fcompp
            de/4r fsubrp|fsubp STi,ST
            de/5r fsubp|fsubrp STi,ST
            de/6r fdivrp|fdivp STi,ST
            de/7r fdivp|fdivrp STi,ST
            df/0m fild|filds Mw
            df/1m fisttp|fisttps Mw
            df/2m fist|fists Mw
            df/3m fistp|fistps Mw
            df/4m fbld Mt
            df/5m fild|fildll Mq
            df/6m fbstp Mt
            df/7m fistp|fistpll Mq
            df/0r ffreep STi
            df=e0 fNstsw AX
            df/5r fucomip ST,STi
            df/6r fcomip ST,STi
            """;

    private X87Opcodes() {
    }
}
