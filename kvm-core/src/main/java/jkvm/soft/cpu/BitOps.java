package jkvm.soft.cpu;

import static jkvm.soft.cpu.Operands.load;
import static jkvm.soft.cpu.Operands.register;
import static jkvm.soft.cpu.Operands.setRegister;
import static jkvm.soft.cpu.Operands.sign;
import static jkvm.soft.cpu.Operands.source;
import static jkvm.soft.cpu.Operands.unsigned;

/** Bit tests and scans, BMI1, BMI2, ADX and CRC32. Shifts and rotates are in {@link ShiftOps}. */
final class BitOps {
    private static final int CRC32C_REVERSED = 0x82F63B78;

    private BitOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.ROL, Op.ROR, Op.RCL, Op.RCR, Op.SHL, Op.SHR, Op.SAL, Op.SAR -> ShiftOps.shift(cpu, in);
            case Op.SHLD, Op.SHRD -> ShiftOps.shiftDouble(cpu, in);
            case Op.BT, Op.BTS, Op.BTR, Op.BTC -> bitTest(cpu, in);
            case Op.BSF, Op.BSR -> scan(cpu, in);
            case Op.TZCNT, Op.LZCNT -> countZeros(cpu, in);
            case Op.POPCNT -> {
                long v = unsigned(source(cpu, in), in.size);
                setRegister(cpu, in.dst, in.size, Long.bitCount(v));
                Flags.setArithmetic(cpu, v == 0 ? Cpu.ZF : 0);
            }
            case Op.CRC32 -> crc32(cpu, in);
            case Op.ADCX -> addWithFlag(cpu, in, Cpu.CF);
            case Op.ADOX -> addWithFlag(cpu, in, Cpu.OF);
            default -> bmi(cpu, in);
        }
    }

    /** A bit number in a register reaches beyond a memory operand: it is a signed number of bits from its address. */
    private static void bitTest(Cpu cpu, Insn in) {
        int size = in.size;
        int bits = size * 8;
        long number = in.src >= 0 ? register(cpu, in.src, size) : in.imm;
        long mask = 1L << (number & bits - 1);
        long x;
        if (in.memory == 0) {
            x = register(cpu, in.dst, size);
            if (in.op != Op.BT) {
                setRegister(cpu, in.dst, size, change(in.op, x, mask));
            }
        } else {
            long offset = Operands.offset(cpu, in);
            if (in.src >= 0) {
                offset = offset + (number >> Integer.numberOfTrailingZeros(bits)) * size & in.addressMask;
            }
            boolean write = in.op != Op.BT;
            long address = in.segment < 0 ? offset : Segments.linear(cpu, in.segment, offset, size, write);
            if (write) {
                cpu.mmu.probeWrite(address, size);
            }
            boolean locked = (in.prefixes & Insn.LOCK) != 0;
            do {
                x = load(cpu.mmu, address, size);
            } while (write && !IntegerOps.replace(cpu, address, size, x, change(in.op, x, mask), locked));
        }
        Flags.change(cpu, Cpu.CF, (x & mask) != 0 ? Cpu.CF : 0);
    }

    private static long change(int op, long x, long mask) {
        return op == Op.BTS ? x | mask : op == Op.BTR ? x & ~mask : x ^ mask;
    }

    /** A source of 0 leaves the destination as it is. PF goes by the index; OF, SF, AF and CF are cleared. */
    private static void scan(Cpu cpu, Insn in) {
        long v = unsigned(source(cpu, in), in.size);
        if (v == 0) {
            Flags.setArithmetic(cpu, Cpu.ZF | Cpu.PF);
            return;
        }
        int index = in.op == Op.BSF ? Long.numberOfTrailingZeros(v) : 63 - Long.numberOfLeadingZeros(v);
        setRegister(cpu, in.dst, in.size, index);
        Flags.setArithmetic(cpu, Flags.isParityEven(index) ? Cpu.PF : 0);
    }

    private static void countZeros(Cpu cpu, Insn in) {
        int bits = in.size * 8;
        long v = unsigned(source(cpu, in), in.size);
        int count = in.op == Op.TZCNT ? Math.min(Long.numberOfTrailingZeros(v), bits)
                : Long.numberOfLeadingZeros(v) - 64 + bits;
        setRegister(cpu, in.dst, in.size, count);
        Flags.change(cpu, Cpu.CF | Cpu.ZF, (v == 0 ? Cpu.CF : 0) | (count == 0 ? Cpu.ZF : 0));
    }

    private static void crc32(Cpu cpu, Insn in) {
        long v = in.src >= 0 ? register(cpu, in.src, in.size)
                : load(cpu.mmu, Operands.address(cpu, in, in.size, false), in.size);
        int crc = (int) cpu.r[in.dst];
        for (int i = 0; i < in.size; i++) {
            crc ^= (int) (v >> i * 8) & 0xFF;
            for (int k = 0; k < 8; k++) {
                crc = crc >>> 1 ^ CRC32C_REVERSED & -(crc & 1);
            }
        }
        cpu.r[in.dst] = crc & 0xFFFFFFFFL;
    }

    private static void addWithFlag(Cpu cpu, Insn in, int flag) {
        int size = in.size;
        long x = register(cpu, in.dst, size);
        long y = in.memory == 2 ? source(cpu, in) : register(cpu, in.src, size);
        boolean carry = (Flags.arithmetic(cpu) & flag) != 0;
        long sum = sign(x + y + (carry ? 1 : 0), size);
        boolean carryOut = Flags.carry(carry ? Flags.ADC : Flags.ADD, x, y, sum);
        setRegister(cpu, in.dst, size, sum);
        Flags.change(cpu, flag, carryOut ? flag : 0);
    }

    private static void bmi(Cpu cpu, Insn in) {
        int size = in.size;
        long x = unsigned(source(cpu, in), size);
        long v = unsigned(cpu.r[in.vvvv], size);
        int bits = size * 8;
        long result;
        switch (in.op) {
            case Op.ANDN -> {
                result = ~v & x;
                Flags.set(cpu, Flags.LOGIC, 0, 0, sign(result, size));
            }
            case Op.BEXTR -> {
                int start = (int) v & 0xFF;
                int length = (int) v >> 8 & 0xFF;
                result = start >= bits ? 0 : x >>> start;
                result = length >= bits ? result : result & (1L << length) - 1;
                Flags.setMisc(cpu, Cpu.AF, sign(result, size));
            }
            case Op.BLSR -> {
                result = x & x - 1;
                Flags.setMisc(cpu, x == 0 ? Cpu.CF : 0, sign(result, size));
            }
            case Op.BLSMSK -> {
                result = x ^ x - 1;
                Flags.setMisc(cpu, x == 0 ? Cpu.CF : 0, sign(result, size));
            }
            case Op.BLSI -> {
                result = x & -x;
                Flags.setMisc(cpu, x != 0 ? Cpu.CF : 0, sign(result, size));
            }
            case Op.BZHI -> {
                int index = (int) v & 0xFF;
                result = index >= bits ? x : x & (1L << index) - 1;
                Flags.setMisc(cpu, index >= bits ? Cpu.CF : 0, sign(result, size));
            }
            case Op.PDEP -> result = Long.expand(v, x);
            case Op.PEXT -> result = Long.compress(v, x);
            case Op.MULX -> {
                mulx(cpu, in, x);
                return;
            }
            case Op.RORX -> result = size == 8 ? Long.rotateRight(x, (int) in.imm)
                    : Integer.rotateRight((int) x, (int) in.imm);
            case Op.SARX -> result = sign(x, size) >> (v & bits - 1);
            case Op.SHLX -> result = x << (v & bits - 1);
            default -> result = x >>> (v & bits - 1);
        }
        setRegister(cpu, in.dst, size, result);
    }

    /** The low half goes to vvvv, the high half to the ModRM byte's register, which wins if they are the same. */
    private static void mulx(Cpu cpu, Insn in, long x) {
        long y = unsigned(cpu.r[Cpu.RDX], in.size);
        long low = x * y;
        long high = in.size == 8 ? Math.unsignedMultiplyHigh(x, y) : low >>> 32;
        setRegister(cpu, in.vvvv, in.size, low);
        setRegister(cpu, in.dst, in.size, high);
    }
}
