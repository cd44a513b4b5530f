package jkvm.soft.cpu;

import java.util.Arrays;
import jkvm.soft.fpu.FpuState;
import jkvm.soft.mmu.GuestException;

/** For tests of single instructions: a 64-bit processor that executes one, with an operand at {@link #OPERAND}. */
final class InstructionFixture implements AutoCloseable {
    /** Where RDI points to. */
    static final long OPERAND = 0x2000;
    private static final long CODE = 0x1000;

    final SoftMachine machine = new SoftMachine(1);
    final Cpu cpu = machine.cpu;
    final FpuState fpu = cpu.fpu;
    private final byte[] code = new byte[16];
    private final Decoder decoder = new Decoder(offset -> code[(int) (offset - CODE)] & 0xFF, new GuestException());

    InstructionFixture() {
        machine.long64();
        cpu.r[Cpu.RDI] = OPERAND;
    }

    Insn decode(int... bytes) {
        Arrays.fill(code, (byte) 0);
        for (int i = 0; i < bytes.length; i++) {
            code[i] = (byte) bytes[i];
        }
        return decoder.decode(CODE, cpu.mode, cpu.features, -1);
    }

    /** @return the exception's vector, or -1 */
    int execute(int... bytes) {
        return execute(decode(bytes));
    }

    int execute(Insn insn) {
        try {
            Groups.execute(cpu, insn);
            return -1;
        } catch (GuestException e) {
            return e.vector;
        }
    }

    @Override
    public void close() {
        machine.close();
    }
}
