package jkvm.inspect;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmSregs;
import jkvm.disassembler.CodeMode;
import jkvm.disassembler.Disassembler;
import jkvm.disassembler.Instruction;
import jkvm.memory.GuestMemory;

/**
 * The code around the next instruction of a vCPU that stands, found by its page tables. Addresses are linear. Bytes
 * that are not mapped, or not in memory, end it.
 */
public final class GuestCode {
    /** There is no byte. */
    static final int ABSENT = -1;
    private static final long CR0_PE_BIT = 1;
    private static final long EFER_LMA_BIT = 1 << 10;
    /** So far before RIP an instruction may begin whose followers lead to RIP. */
    private static final int REACH = 64;

    private final GuestMemory memory;
    private final PageWalk walk;
    private final long rip;
    private final KvmSregs sregs;
    private final boolean is64Bit;

    /** @param regs those of the vCPU, as {@code sregs} */
    public GuestCode(GuestMemory memory, KvmRegs regs, KvmSregs sregs) {
        this.memory = memory;
        this.walk = new PageWalk(memory, sregs);
        this.rip = regs.rip();
        this.sregs = sregs;
        this.is64Bit = (sregs.efer() & EFER_LMA_BIT) != 0 && sregs.cs().isL();
    }

    /** The address of the byte that lies so far from RIP: after the last byte of the code segment comes its first. */
    public long address(int offset) {
        if (is64Bit) {
            return rip + offset;
        }
        boolean isRealMode = (sregs.cr0() & CR0_PE_BIT) == 0;
        long segmentOffset = rip + offset & (isRealMode ? 0xFFFF : 0xFFFF_FFFFL);
        return sregs.cs().base() + segmentOffset & 0xFFFF_FFFFL;
    }

    /** The byte that lies so far from RIP, or {@link #ABSENT}. */
    int byteAt(int offset) {
        long physical = walk.translate(address(offset));
        boolean isReadable = physical != PageWalk.ABSENT && memory.contains(physical, 1);
        return isReadable ? memory.readByte(physical) & 0xFF : ABSENT;
    }

    /** The bytes from so far on; fewer where one of them is absent. */
    public byte[] bytes(int offset, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            int value = byteAt(offset + i);
            if (value == ABSENT) {
                return Arrays.copyOf(bytes, i);
            }
            bytes[i] = (byte) value;
        }
        return bytes;
    }

    /** The next instruction and those that follow it in memory. */
    public List<Instruction> following(Disassembler disassembler, int count) {
        byte[] bytes = bytes(0, count * Disassembler.MAX_LENGTH);
        List<Instruction> instructions = new ArrayList<>();
        for (int at = 0; at < bytes.length && instructions.size() < count; at += instructions.getLast().length()) {
            instructions.add(disassembler.decode(mode(), address(at), bytes, at));
        }
        return instructions;
    }

    /**
     * The instructions that lie before the next one in memory, which need not be those that were executed before it.
     * Since instructions differ in length, this is the longest row of them that leads to the next one.
     */
    public List<Instruction> preceding(Disassembler disassembler, int count) {
        int start = -REACH;
        byte[] bytes = bytes(start, REACH);
        while (bytes.length < -start && start < 0) {
            // The last one that is absent ends the row.
            start += bytes.length + 1;
            bytes = bytes(start, -start);
        }
        for (int first = 0; first < bytes.length; first++) {
            Deque<Instruction> row = new ArrayDeque<>();
            int at = first;
            while (at < bytes.length) {
                Instruction next = disassembler.decode(mode(), address(start + at), bytes, at);
                if (!next.isKnown()) {
                    break;
                }
                row.add(next);
                at += next.length();
            }
            if (at == bytes.length) {
                while (row.size() > count) {
                    row.remove();
                }
                return List.copyOf(row);
            }
        }
        return List.of();
    }

    private CodeMode mode() {
        return CodeMode.of(is64Bit, sregs.cs().isDb());
    }
}
