package jkvm.control.gdb;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import jkvm.abi.KvmFpu;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;
import jkvm.vm.Vcpu;

/**
 * The registers of one paused vCPU as the debugger reads and writes them: hexadecimal, little-endian. Written ones go
 * to the vCPU with {@link #store()}, all or none.
 */
final class RegisterFile {
    private static final long CR0_PE_BIT = 1;
    private static final int REAL_MODE_SHIFT = 4;

    private final Vcpu vcpu;
    private final List<TargetRegister> registers;
    private final KvmRegs general;
    private final KvmSregs special;
    private final KvmFpu fpu;

    RegisterFile(Vcpu vcpu, TargetDescription description) {
        this.vcpu = vcpu;
        this.registers = description.registers();
        this.general = vcpu.regs();
        this.special = vcpu.sregs();
        this.fpu = vcpu.fpu();
    }

    /** Registers there are. */
    int count() {
        return registers.size();
    }

    String read(int number) {
        TargetRegister register = registers.get(number);
        byte[] bytes = new byte[register.bytes()];
        switch (register.part()) {
            case NONE -> {
                // Zeroes.
            }
            case TAGS -> {
                int tags = tagWord();
                bytes[0] = (byte) tags;
                bytes[1] = (byte) (tags >>> Byte.SIZE);
            }
            default -> MemorySegment.copy(struct(register), ValueLayout.JAVA_BYTE, register.offset(), bytes, 0,
                    Math.min(register.stored(), bytes.length));
        }
        return HexFormat.of().formatHex(bytes);
    }

    /** @return false if the text is not such a register's */
    boolean write(int number, String hex) {
        TargetRegister register = registers.get(number);
        if (hex.length() != register.bytes() * 2) {
            return false;
        }
        byte[] bytes;
        try {
            bytes = HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException _) {
            return false;
        }
        switch (register.part()) {
            case NONE -> {
                // KVM has no place for it.
            }
            case TAGS -> fpu.ftwx(abridged(bytes[0] & 0xFF | (bytes[1] & 0xFF) << Byte.SIZE));
            default -> put(register, bytes);
        }
        return true;
    }

    private void put(TargetRegister register, byte[] bytes) {
        MemorySegment struct = struct(register);
        struct.asSlice(register.offset(), register.stored()).fill((byte) 0);
        MemorySegment.copy(bytes, 0, struct, ValueLayout.JAVA_BYTE, register.offset(),
                Math.min(register.stored(), bytes.length));
        boolean isSelector = register.part() == TargetRegister.Part.SPECIAL && register.stored() == Short.BYTES;
        if (isSelector && (special.cr0() & CR0_PE_BIT) == 0) {
            int selector = bytes[0] & 0xFF | (bytes[1] & 0xFF) << Byte.SIZE;
            long segment = register.offset() - KvmSegment.SELECTOR_OFFSET;
            struct.set(ValueLayout.JAVA_LONG, segment + KvmSegment.BASE_OFFSET, (long) selector << REAL_MODE_SHIFT);
        }
    }

    /** @throws jkvm.linux.LinuxException if KVM refuses a value */
    void store() {
        vcpu.regs(general);
        vcpu.sregs(special);
        vcpu.fpu(fpu);
    }

    private MemorySegment struct(TargetRegister register) {
        return switch (register.part()) {
            case GENERAL -> general.segment();
            case SPECIAL -> special.segment();
            default -> fpu.segment();
        };
    }

    /** Two bits a register in the order of the physical ones (SDM volume 1, 8.1.7): 0 valid, 1 zero, 2 special, 3. */
    private int tagWord() {
        int top = fpu.fsw() >>> 11 & 7;
        int tags = 0;
        for (int physical = 0; physical < 8; physical++) {
            boolean isUsed = (fpu.ftwx() >>> physical & 1) != 0;
            tags |= (isUsed ? tag(physical - top & 7) : 3) << 2 * physical;
        }
        return tags;
    }

    private int tag(int stack) {
        MemorySegment value = fpu.fpr(stack);
        long mantissa = value.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
        int exponent = value.get(ValueLayout.JAVA_SHORT_UNALIGNED, Long.BYTES) & 0x7FFF;
        if (exponent == 0 && mantissa == 0) {
            return 1;
        }
        return exponent == 0 || exponent == 0x7FFF || mantissa >= 0 ? 2 : 0;
    }

    private static int abridged(int tags) {
        int used = 0;
        for (int physical = 0; physical < 8; physical++) {
            used |= (tags >>> 2 * physical & 3) != 3 ? 1 << physical : 0;
        }
        return used;
    }
}
