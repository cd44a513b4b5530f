package jkvm.disassembler;

/** Integer and system instructions of one opcode byte and of maps 0F and 0F38, as {@link OpcodeTable} reads them. */
final class IntegerOpcodes {
    /** 00 to 3F, one line for each operation; each has six forms. */
    static final String[] ARITHMETIC = {"add", "or", "adc", "sbb", "and", "sub", "xor", "cmp"};
    /** C0, C1 and D0 to D3, and F6 and F7, by the ModRM byte's register field. */
    static final String[] SHIFTS = {"rol", "ror", "rcl", "rcr", "shl", "shr", "shl", "sar"};
    static final String[] UNARY = {"test", "test", "not", "neg", "mul", "imul", "div", "idiv"};
    /** The condition that the low four bits of 0F4x, 7x, 0F8x and 0F9x stand for. */
    static final String[] CONDITIONS = {"o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge",
        "le", "g"};

    static final String ONE_BYTE = """
            06 push^ ES i64
            07 pop^ ES i64
            0e push^ CS i64
            16 push^ SS i64
            17 pop^ SS i64
            1e push^ DS i64
            1f pop^ DS i64
            27 daa i64
            2f das i64
            37 aaa i64
            3f aas i64
            40-47 inc Zv i64
            48-4f dec Zv i64
            50-57 push Zv d64
            58-5f pop Zv d64
            60 pusha^ i64
            61 popa^ i64
            62m bound Gv,Mj i64 keep
            63 movsxd|movsxd/movsxd/movslq Gv,Ed o64
            63 arpl Ew,Gw i64
            68 push^ Iz d64
            69 imul Gv,Ev,Iz
            6a push^ Is d64
            6b imul Gv,Ev,Is
            6c ins|insb Yb,PORT rep
            6d ins|ins~ Yu,PORT rep
            6e outs|outsb PORT,Xb rep
            6f outs|outs~ PORT,Xu rep
            84 test Eb,Gb
            85 test Ev,Gv
            86 xchg Eb,Gb exchange
            87 xchg Ev,Gv exchange
            88 mov Eb,Gb release
            89 mov Ev,Gv release
            8a mov Gb,Eb
            8b mov Gv,Ev
            8c mov Em,Sw
            8dm lea Gv,Mn
            8e mov Sw,Em
            8f/0 pop% Ev d64
            f3.90 pause
            90 nop
            91-97 xchg Zv,rAX
            98 cbw/cwde/cdqe|cbtw/cwtl/cltq
            99 cwd/cdq/cqo|cwtd/cltd/cqto
            9a call|lcall$ Ap i64
            9b fwait
            9c pushf^ d64
            9d popf^ d64
            9e sahf
            9f lahf
            a0 mov/mov/movabs# AL,Ob
            a1 mov/mov/movabs# rAX,Ov
            a2 mov/mov/movabs# Ob,AL
            a3 mov/mov/movabs# Ov,rAX
            a4 movs|movsb Yb,Xb rep
            a5 movs|movs~ Yv,Xv rep
            a6 cmps|cmpsb Xb,Yb
            a7 cmps|cmps~ Xv,Yv
            a8 test AL,Ib
            a9 test rAX,Iz
            aa stos Yb,AL rep
            ab stos Yv,rAX rep
            ac lods AL,Xb rep
            ad lods rAX,Xv rep
            ae scas AL,Yb
            af scas rAX,Yv
            b0-b7 mov Zb,Ib
            b8-bf mov/mov/movabs Zv,Iv
            c2 ret^ Iw d64 bnd
            c3 ret^ d64 bnd
            c4m les Gv,Mp i64
            c5m lds Gv,Mp i64
            c6/0 mov~ Eb,Ib release
            c7/0 mov~ Ev,Iz release
            c6=f8 xabort Ib
            c7=f8 xbegin^ Jz n64
            c8 enter^ Iw,Ib d64 keep
            c9 leave^ d64
            ca retf^|lret^ Iw
            cb retf^|lret^
            cc int3
            cd int Ib
            ce into i64
            cf iret^
            d4 aam Ib i64
            d5 aad Ib i64
            d6 salc i64
            d7 xlat XLAT
            e0 loopne@ Jb jcc
            e1 loope@ Jb jcc
            e2 loop@ Jb jcc
            e3 jcxz/jecxz/jrcxz# Jb jcc
            e4 in AL,Ib
            e5 in rAU,Ib
            e6 out Ib,AL
            e7 out Ib,rAU
            e8 call^ Jz n64 bnd
            e9 jmp^ Jz n64 bnd
            ea jmp|ljmp$ Ap i64
            eb jmp Jb bnd
            ec in AL,PORT
            ed in rAU,PORT
            ee out PORT,AL
            ef out PORT,rAU
            f1 int1
            f4 hlt
            f5 cmc
            f8 clc
            f9 stc
            fa cli
            fb sti
            fc cld
            fd std
            fe/0 inc~ Eb hle
            fe/1 dec~ Eb hle
            ff/0 inc~ Ev hle
            ff/1 dec~ Ev hle
            ff/2 call|call% *Ev d64 bnd notrack
            ff/3m call|lcall% *Mp
            ff/4 jmp|jmp% *Ev d64 bnd notrack
            ff/5m jmp|ljmp% *Mp
            ff/6 push% Ev d64
            """;

    static final String TWO_BYTE = """
            0f00/0 sldt Em
            0f00/1 str Em
            0f00/2 lldt Ew
            0f00/3 ltr Ew
            0f00/4 verr Ew
            0f00/5 verw Ew
            0f01/0m sgdt Mn o64
            0f01/1m sidt Mn o64
            0f01/2m lgdt Mn o64
            0f01/3m lidt Mn o64
            0f01/0m sgdt! Mn i64
            0f01/1m sidt! Mn i64
            0f01/2m lgdt! Mn i64
            0f01/3m lidt! Mn i64
            0f01/4 smsw Em
            0f01/6 lmsw Ew
            0f01/7m invlpg Mb
            np.0f01=c0 enclv
            np.0f01=c1 vmcall
            np.0f01=c2 vmlaunch
            np.0f01=c3 vmresume
            np.0f01=c4 vmxoff
            np.0f01=c5 pconfig
            np.0f01=c8 monitor rAA,ECX,EDX keep attonly
            np.0f01=c9 mwait EAX,ECX keep attonly
            np.0f01=ca clac
            np.0f01=cb stac
            np.0f01=cf encls
            np.0f01=d0 xgetbv
            np.0f01=d1 xsetbv
            np.0f01=d4 vmfunc
            np.0f01=d5 xend
            np.0f01=d6 xtest
            np.0f01=d7 enclu
            f3.0f01=d9 vmgexit
            f2.0f01=d9 vmgexit
            np.0f01=d9 vmmcall
            0f01=dc stgi
            0f01=dd clgi
            np.0f01=e8 serialize
            np.0f01=ee rdpkru
            np.0f01=ef wrpkru
            np.0f01=fa monitorx rAA,ECX,EDX keep attonly
            np.0f01=fb mwaitx EAX,ECX,EBX keep attonly
            f3.0f01=fe rmpadjust o64
            f2.0f01=fe rmpupdate o64
            f3.0f01=ff psmash o64
            f2.0f01=ff pvalidate
            0f01=f8 swapgs o64
            0f01=f9 rdtscp
            0f02 lar Gv,Em
            0f03 lsl Gv,Em
            0f05 syscall
            0f06 clts
            0f07 sysret i64
            0f07 sysret? o64
            0f08 invd
            f3.0f09 wbnoinvd
            0f09 wbinvd
            0f0b ud2
            0f0d/0m prefetch Mb
            0f0e femms
            0f0d/1m prefetchw Mb
            0f0d/2m prefetchwt1 Mb
            0f0dm prefetch Mb
            0f0d nop~ Ev
            0f18/0m prefetchnta Mb
            0f18/1m prefetcht0 Mb
            0f18/2m prefetcht1 Mb
            0f18/3m prefetcht2 Mb
            0f18 nop~ Ev
            0f19 nop~ Ev
            0f1a nop~ Ev
            0f1b nop~ Ev
            np.0f1c/0m cldemote Mb
            0f1c nop~ Ev
            0f1d nop~ Ev
            f3.0f1e=fa endbr64
            f3.0f1e=fb endbr32
            0f1e nop~ Ev
            0f1f nop~ Ev
            0f20 mov Rc,Cr
            0f21 mov Rc,Dr
            0f22 mov Cr,Rc
            0f23 mov Dr,Rc
            0f30 wrmsr
            0f31 rdtsc
            0f32 rdmsr
            0f33 rdpmc
            0f34 sysenter
            0f35 sysexit i64
            0f35 sysexit? o64
            np.0f78 vmread Ec,Gc
            np.0f79 vmwrite Gc,Ec
            0f37 getsec
            0fa0 push^ FS d64
            0fa1 pop^ FS d64
            0fa2 cpuid
            0fa3 bt Ev,Gv
            0fa4 shld Ev,Gv,Ib
            0fa5 shld Ev,Gv,CL
            0fa8 push^ GS d64
            0fa9 pop^ GS d64
            0faa rsm
            0fab bts Ev,Gv hle
            0fac shrd Ev,Gv,Ib
            0fad shrd Ev,Gv,CL
            np.0fae/0m fxsave/fxsave/fxsave64 Mn
            np.0fae/1m fxrstor/fxrstor/fxrstor64 Mn
            np.0fae/2m ldmxcsr Md
            np.0fae/3m stmxcsr Md
            np.0fae/4m xsave/xsave/xsave64 Mn
            np.0fae/5m xrstor/xrstor/xrstor64 Mn
            np.0fae/6m xsaveopt/xsaveopt/xsaveopt64 Mn
            np.0fae/7m clflush Mb
            66.0fae/6m clwb Mb
            66.0fae/7m clflushopt Mb
            np.0fae/5r lfence
            np.0fae/6r mfence
            np.0fae/7r sfence
            66.0fae/6r tpause Ry
            f2.0fae/6r umwait Ry
            f3.0fae/0r rdfsbase Rv o64
            f3.0fae/1r rdgsbase Rv o64
            f3.0fae/2r wrfsbase Rv o64
            f3.0fae/3r wrgsbase Rv o64
            0faf imul Gv,Ev
            0fb0 cmpxchg Eb,Gb hle
            0fb1 cmpxchg Ev,Gv hle
            0fb2m lss Gv,Mp
            0fb3 btr Ev,Gv hle
            0fb4m lfs Gv,Mp
            0fb5m lgs Gv,Mp
            0fb6 movzx|movzb+ Gv,Eb
            0fb7 movzx|movzw+ Gv,Ew
            f3.0fb8 popcnt Gv,Ev
            0fb9 ud1 Gv,Ev
            0fba/4 bt~ Ev,Ib
            0fba/5 bts~ Ev,Ib hle
            0fba/6 btr~ Ev,Ib hle
            0fba/7 btc~ Ev,Ib hle
            0fbb btc Ev,Gv hle
            f3.0fbc tzcnt Gv,Ev
            0fbc bsf Gv,Ev
            f3.0fbd lzcnt Gv,Ev
            0fbd bsr Gv,Ev
            0fbe movsx|movsb+ Gv,Eb
            0fbf movsx|movsw+ Gv,Ew
            0fc0 xadd Eb,Gb hle
            0fc1 xadd Ev,Gv hle
            np.0fc3m movnti My,Gy
            0fc7/1m cmpxchg8b/cmpxchg8b/cmpxchg16b Mi hle
            0fc7/3m xrstors/xrstors/xrstors64 Mn
            0fc7/4m xsavec/xsavec/xsavec64 Mn
            0fc7/5m xsaves/xsaves/xsaves64 Mn
            np.0fc7/6m vmptrld Mq
            66.0fc7/6m vmclear Mq
            f3.0fc7/6m vmxon Mq
            np.0fc7/7m vmptrst Mq
            f3.0fc7/7r rdpid Rn
            0fc7/6r rdrand Rv
            0fc7/7r rdseed Rv
            0fc8-0fcf bswap Zv
            0fff ud0 Gv,Ev
            """;

    /** Map 0F38; the map of VEX instructions for BMI1 and BMI2 is below. */
    static final String THREE_BYTE = """
            66.0f3880m invept Gn,Mo
            66.0f3881m invvpid Gn,Mo
            66.0f3882m invpcid Gn,Mn
            f2.0f38f0 crc32~ Gy,Eb
            f2.0f38f1 crc32~ Gy,Ev
            0f38f0 movbe Gv,Mv
            0f38f1 movbe Mv,Gv
            66.0f38f6 adcx Gy,Ey
            f3.0f38f6 adox Gy,Ey
            """;

    /** Instructions with a VEX prefix: the interpreter knows BMI1 and BMI2 only. */
    static final String VEX = """
            np.0f38f2 andn Gy,By,Ey
            np.0f38f3/1 blsr By,Ey
            np.0f38f3/2 blsmsk By,Ey
            np.0f38f3/3 blsi By,Ey
            np.0f38f5 bzhi Gy,Ey,By
            f2.0f38f5 pdep Gy,By,Ey
            f3.0f38f5 pext Gy,By,Ey
            f2.0f38f6 mulx Gy,By,Ey
            np.0f38f7 bextr Gy,Ey,By
            66.0f38f7 shlx Gy,Ey,By
            f3.0f38f7 sarx Gy,Ey,By
            f2.0f38f7 shrx Gy,Ey,By
            f2.0f3af0 rorx Gy,Ey,Ib
            """;

    private IntegerOpcodes() {
    }
}
