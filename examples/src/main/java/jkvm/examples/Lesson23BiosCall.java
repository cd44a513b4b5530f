package jkvm.examples;

import jkvm.abi.KvmExit;
import jkvm.abi.KvmRegs;
import jkvm.vm.Vcpu;

/**
 * Lesson 23: a BIOS call. The first programs of a PC ask its BIOS for keys, letters and disks: an INT instruction calls
 * the address in the table of interrupts at 0. Here the BIOS is six instructions (bios-rom.S) that exit; Java does the
 * work. The guest (bios-call.S) asks for a key and for the size of memory.
 */
public final class Lesson23BiosCall {
    private static final long ROM = 0xA000;
    private static final int ROM_ENTRY_SIZE = 4;
    private static final int FIRST_PORT = 0xB0;
    /** The interrupts of the ROM's entries: screen, keyboard, size of memory. */
    private static final int[] VECTORS = {0x10, 0x16, 0x12};

    private static final char KEY = 'x';

    private Lesson23BiosCall() {
    }

    public static void main(String[] args) {
        try (LessonVm machine = new LessonVm(args, "bios-call")) {
            machine.memory().write(ROM, GuestImage.read("bios-rom"));
            for (int entry = 0; entry < VECTORS.length; entry++) {
                // An entry of the table: offset in the lower half, segment in the upper.
                machine.memory().writeInt(4L * VECTORS[entry], (int) ROM + ROM_ENTRY_SIZE * entry);
            }
            Vcpu vcpu = machine.realMode();
            for (int reason = vcpu.run(); reason != KvmExit.HLT; reason = vcpu.run()) {
                if (reason != KvmExit.IO) {
                    throw new IllegalStateException("unexpected exit " + KvmExit.name(reason));
                }
                KvmRegs registers = vcpu.regs();
                serve(VECTORS[vcpu.kvmRun().ioPort() - FIRST_PORT], registers);
                vcpu.regs(registers);
            }
        }
    }

    /** Does what the service of the BIOS does: arguments and results are registers, the service's number is AH. */
    private static void serve(int vector, KvmRegs registers) {
        int service = (int) registers.rax() >>> 8 & 0xFF;
        if (vector == 0x10 && service == 0x0E) {
            System.out.print((char) (registers.rax() & 0xFF));
        } else if (vector == 0x16 && service == 0x00) {
            registers.rax(KEY);
        } else if (vector == 0x12) {
            registers.rax(LessonVm.MEMORY_SIZE >> 10);
        }
    }
}
