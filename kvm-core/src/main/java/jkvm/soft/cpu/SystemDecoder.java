package jkvm.soft.cpu;

/** Decodes opcodes that stand for many instructions each: 0F01, 0FAE, 0FC7, and the integer ones of map 0F38. */
final class SystemDecoder {
    private SystemDecoder() {
    }

    static void decode(Decoder d, Insn in) {
        d.noEntry();
        d.sizes(0);
        ModRm.decode(d, in);
        boolean memory = d.isMemory();
        in.memory = (byte) (memory ? 2 : 0);
        in.src = memory ? -1 : in.rm;
        switch (in.opcode) {
            case 0x101 -> in.op = (short) (memory ? group7(in) : group7Register(d, in));
            case 0x1AE -> in.op = (short) (memory ? group15(d, in) : group15Register(d, in));
            default -> in.op = (short) (memory ? group9(d, in) : group9Register(d, in));
        }
        in.ends |= Op.isSystem(in.op);
        if (in.op == Op.UNDEFINED) {
            d.undefined();
        }
    }

    private static int group7(Insn in) {
        in.memory = (byte) ((in.reg & 7) < 2 || (in.reg & 7) == 4 ? 1 : 2);
        return switch (in.reg & 7) {
            case 0 -> Op.SGDT;
            case 1 -> Op.SIDT;
            case 2 -> Op.LGDT;
            case 3 -> Op.LIDT;
            case 4 -> Op.SMSW;
            case 6 -> Op.LMSW;
            case 7 -> Op.INVLPG;
            default -> Op.UNDEFINED;
        };
    }

    private static int group7Register(Decoder d, Insn in) {
        int reg = in.reg & 7;
        if (reg == 4) {
            in.dst = in.rm;
            in.src = -1;
            return Op.SMSW;
        }
        if (reg == 6) {
            return Op.LMSW;
        }
        if ((in.prefixes & (Insn.OPERAND_SIZE | Insn.REP | Insn.REPNE)) != 0 && in.modrm != 0xD9) {
            return in.modrm == 0xF8 || in.modrm == 0xF9 ? group7Plain(d, in) : Op.UNDEFINED;
        }
        return group7Plain(d, in);
    }

    private static int group7Plain(Decoder d, Insn in) {
        return switch (in.modrm) {
            case 0xC1 -> Op.VMCALL;
            // Do nothing without CPUID's word, too, as under KVM.
            case 0xC8 -> Op.MONITOR;
            case 0xC9 -> Op.MWAIT;
            case 0xCA -> ifHas(d, Feature.SMAP, Op.CLAC);
            case 0xCB -> ifHas(d, Feature.SMAP, Op.STAC);
            case 0xD0 -> ifHas(d, Feature.XSAVE, Op.XGETBV);
            case 0xD1 -> ifHas(d, Feature.XSAVE, Op.XSETBV);
            case 0xD9 -> Op.VMMCALL;
            case 0xF8 -> d.is64() ? Op.SWAPGS : Op.UNDEFINED;
            case 0xF9 -> ifHas(d, Feature.RDTSCP, Op.RDTSCP);
            default -> Op.UNDEFINED;
        };
    }

    private static int ifHas(Decoder d, long feature, int op) {
        return d.has(feature) ? op : Op.UNDEFINED;
    }

    private static int group15(Decoder d, Insn in) {
        int p = in.prefixes & (Insn.OPERAND_SIZE | Insn.REP | Insn.REPNE);
        int reg = in.reg & 7;
        if (p == Insn.OPERAND_SIZE) {
            return reg == 7 ? ifHas(d, Feature.CLFLUSHOPT, Op.CLFLUSH)
                    : reg == 6 ? ifHas(d, Feature.CLWB, Op.CLFLUSH) : Op.UNDEFINED;
        }
        if (p != 0) {
            return Op.UNDEFINED;
        }
        return switch (reg) {
            case 0 -> ifHas(d, Feature.FXSR, Op.FXSAVE);
            case 1 -> ifHas(d, Feature.FXSR, Op.FXRSTOR);
            case 2, 3 -> ifHas(d, Feature.SSE, Op.SSE);
            case 4 -> ifHas(d, Feature.XSAVE, Op.XSAVE);
            case 5 -> ifHas(d, Feature.XSAVE, Op.XRSTOR);
            case 6 -> ifHas(d, Feature.XSAVEOPT, Op.XSAVEOPT);
            default -> ifHas(d, Feature.CLFLUSH, Op.CLFLUSH);
        };
    }

    private static int group15Register(Decoder d, Insn in) {
        int reg = in.reg & 7;
        int p = in.prefixes & (Insn.OPERAND_SIZE | Insn.REP | Insn.REPNE);
        if (p == Insn.REP && reg < 4 && d.is64() && d.has(Feature.FSGSBASE)) {
            in.dst = reg < 2 ? in.rm : -1;
            return Op.RDFSBASE + reg;
        }
        return p == 0 && reg >= 5 ? ifHas(d, Feature.SSE, Op.FENCE) : Op.UNDEFINED;
    }

    private static int group9(Decoder d, Insn in) {
        switch (in.reg & 7) {
            case 1 -> {
                in.memory = 1;
                d.lockable();
                return ifHas(d, in.size == 8 ? Feature.CX16 : Feature.CX8, Op.CMPXCHG8B);
            }
            case 3 -> {
                return ifHas(d, Feature.XSAVES, Op.XRSTORS);
            }
            case 4 -> {
                return ifHas(d, Feature.XSAVEC, Op.XSAVEC);
            }
            case 5 -> {
                return ifHas(d, Feature.XSAVES, Op.XSAVES);
            }
            default -> {
                return Op.UNDEFINED;
            }
        }
    }

    private static int group9Register(Decoder d, Insn in) {
        in.dst = in.rm;
        in.src = -1;
        int reg = in.reg & 7;
        if ((in.prefixes & (Insn.REP | Insn.REPNE)) != 0) {
            return reg == 7 && (in.prefixes & Insn.REP) != 0 ? ifHas(d, Feature.RDPID, Op.RDPID) : Op.UNDEFINED;
        }
        return reg == 6 ? ifHas(d, Feature.RDRAND, Op.RDRAND) : reg == 7 ? ifHas(d, Feature.RDSEED, Op.RDSEED)
                : Op.UNDEFINED;
    }

    /** Replaces the SSE operation of a three-byte opcode by an integer one where it is that. */
    static void threeByteInteger(Decoder d, Insn in) {
        d.noEntry();
        boolean repne = (in.prefixes & Insn.REPNE) != 0;
        boolean size16 = (in.prefixes & Insn.OPERAND_SIZE) != 0;
        int op = -1;
        switch (in.opcode) {
            case 0x2F0, 0x2F1 -> op = repne ? crc32(d, in) : movbe(d, in);
            case 0x2F6 -> op = adx(d, in, size16);
            case 0x282 -> op = size16 && d.isMemory() ? ifHas(d, Feature.INVPCID, Op.INVPCID) : Op.UNDEFINED;
            default -> {
            }
        }
        if (op < 0) {
            return;
        }
        in.op = (short) op;
        in.ends |= Op.isSystem(op);
        if (op == Op.UNDEFINED) {
            d.undefined();
        }
    }

    private static int crc32(Decoder d, Insn in) {
        in.dst = in.reg;
        in.src = -1;
        if (in.opcode == 0x2F0) {
            in.size = 1;
            boolean high = in.rm >= 4 && in.rm < 8 && (in.prefixes & Insn.REX) == 0;
            in.src = (byte) (high ? Insn.HIGH_BYTE + in.rm - 4 : in.rm);
        } else {
            in.src = in.rm;
        }
        if (d.isMemory()) {
            in.src = -1;
        }
        return ifHas(d, Feature.SSE42, Op.CRC32);
    }

    private static int movbe(Decoder d, Insn in) {
        if (!d.isMemory() || !d.has(Feature.MOVBE) || (in.prefixes & Insn.REP) != 0) {
            return Op.UNDEFINED;
        }
        boolean store = in.opcode == 0x2F1;
        in.memory = (byte) (store ? 1 : 2);
        in.dst = store ? -1 : in.reg;
        in.src = store ? in.reg : -1;
        return Op.MOVBE;
    }

    private static int adx(Decoder d, Insn in, boolean size16) {
        boolean rep = (in.prefixes & Insn.REP) != 0;
        boolean repne = (in.prefixes & Insn.REPNE) != 0;
        if (rep == size16 && !rep || repne || !d.has(Feature.ADX)) {
            return Op.UNDEFINED;
        }
        in.size = (byte) ((in.prefixes & Insn.REX_W) != 0 ? 8 : 4);
        in.dst = in.reg;
        in.src = d.isMemory() ? -1 : in.rm;
        return rep ? Op.ADOX : Op.ADCX;
    }

    /** The details of single opcodes that the tables do not hold. */
    static void special(Decoder d, Insn in) {
        switch (in.op) {
            case Op.PUSH_SEGMENT, Op.POP_SEGMENT -> {
                in.reg = (byte) (in.opcode >> 3 & 7);
                in.stack = true;
            }
            case Op.LOAD_FAR_POINTER -> in.imm2 = switch (in.opcode) {
                case 0xC4 -> Segment.ES;
                case 0xC5 -> Segment.DS;
                case 0x1B2 -> Segment.SS;
                case 0x1B4 -> Segment.FS;
                default -> Segment.GS;
            };
            case Op.MOV_TO_SEGMENT, Op.MOV_FROM_SEGMENT -> {
                in.reg &= 7;
                if (in.reg > Segment.GS || in.op == Op.MOV_TO_SEGMENT && in.reg == Segment.CS) {
                    d.undefined();
                }
            }
            case Op.MOV_FROM_CR, Op.MOV_TO_CR, Op.MOV_FROM_DR, Op.MOV_TO_DR -> in.size = (byte) (d.is64() ? 8 : 4);
            case Op.CMOV -> require(d, Feature.CMOV);
            case Op.SYSCALL, Op.SYSRET -> require(d, Feature.SYSCALL);
            case Op.SYSENTER, Op.SYSEXIT -> require(d, Feature.SYSENTER);
            case Op.RDTSC -> require(d, Feature.TSC);
            case Op.RDMSR, Op.WRMSR -> require(d, Feature.MSR);
            case Op.MOVNTI -> {
                require(d, Feature.SSE2);
                if ((in.prefixes & (Insn.OPERAND_SIZE | Insn.REP | Insn.REPNE)) != 0) {
                    d.undefined();
                }
                in.size = (byte) Math.max(in.size, 4);
            }
            case Op.LAHF, Op.SAHF -> {
                if (d.is64()) {
                    require(d, Feature.LAHF64);
                }
            }
            default -> {
            }
        }
    }

    private static void require(Decoder d, long feature) {
        if (!d.has(feature)) {
            d.undefined();
        }
    }
}
