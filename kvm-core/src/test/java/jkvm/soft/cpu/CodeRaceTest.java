package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Another processor writes into an instruction between two reads of the decoder. */
class CodeRaceTest {
    private static final long CODE = 0x1000;

    /** Plays the other processor before a byte is read, once. */
    private static final class Racing extends CodeCache {
        private long at;
        private Runnable other;

        Racing(Cpu cpu) {
            super(cpu);
        }

        @Override
        public int codeByte(long offset) {
            if (offset == at && other != null) {
                Runnable now = other;
                other = null;
                now.run();
            }
            return super.codeByte(offset);
        }
    }

    private static void write(SoftMachine machine, long address, int value) {
        machine.ram.set(ValueLayout.JAVA_BYTE, address, (byte) value);
    }

    private static long immediate(Racing cache) {
        return cache.get(CODE).code[0].imm;
    }

    @Test
    @DisplayName("a block decoded while its bytes change is of one version, and its next change is noticed")
    void shouldDecodeAnewWhereBytesChangeMeanwhile() {
        try (SoftMachine machine = new SoftMachine(4)) {
            // given: mov eax, 01010101h; hlt, decoded for one limit of the code segment
            machine.flat32();
            machine.code(CODE, 0xB8, 1, 1, 1, 1, 0xF4);
            Racing cache = new Racing(machine.cpu);
            cache.synchronize();
            assertEquals(0x01010101, immediate(cache));

            // when: for another limit, two bytes change when the first of them has been read and the second has not
            machine.cpu.segments[Segment.CS].set(8, 0, 0x7FFFFFFFL, 0xC09B);
            cache.synchronize();
            cache.at = CODE + 3;
            cache.other = () -> {
                write(machine, CODE + 2, 2);
                write(machine, CODE + 3, 2);
            };

            // then
            assertEquals(0x01020201, immediate(cache), "not a byte of each version");

            // when: the byte that had been read before changes again
            write(machine, CODE + 2, 3);
            cache.newGeneration();

            // then
            assertEquals(0x01020301, immediate(cache));
        }
    }
}
