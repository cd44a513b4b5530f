package jkvm.bios.system;

import java.util.List;
import jkvm.bios.BiosHost;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.PhysicalMemory;
import jkvm.bios.ServiceTable;
import jkvm.tables.MemoryMap;

/**
 * The functions of INT 15h for memory beyond what a real-mode program sees: E820h, E801h and 88h tell its size, 87h
 * copies it (ACPI 6.4 section 15; IBM PS/2 and PC BIOS interface technical reference).
 */
final class MemoryServices {
    private static final int SIZES = 0xE8;
    private static final int COPY = 0x87;
    private static final int EXTENDED_SIZE = 0x88;

    private static final int MEMORY_MAP = 0x20;
    private static final int SIZE_PAIR = 0x01;
    private static final int SMAP = 0x534D4150;
    private static final int ENTRY_SIZE = 20;

    private static final long MIB = 1 << 20;
    private static final long SIXTEEN_MIB = 16 * MIB;
    private static final int KIB_SHIFT = 10;
    private static final int BLOCK_SHIFT = 16;
    /** More than INT 15h, AH=88h tells, in KiB: 63 MiB. */
    private static final long MAX_EXTENDED_KIB = 0xFC00;
    private static final long MAX_KIB_BELOW_16_MIB = 0x3C00;

    private static final int SOURCE_DESCRIPTOR = 0x10;
    private static final int TARGET_DESCRIPTOR = 0x18;
    private static final int BASE_OFFSET = 2;
    private static final int BASE_TOP_OFFSET = 7;
    private static final int BASE_MASK = 0xFFFFFF;
    /** As many as a segment has. */
    private static final int MAX_WORDS = 0x8000;
    private static final int TOO_MANY = 0x02;

    private final List<MemoryMap.Entry> map;
    private final long lowEnd;
    private final PhysicalMemory memory;
    private final byte[] buffer = new byte[2 * MAX_WORDS];

    MemoryServices(BiosHost host) {
        MemoryMap full = MemoryMap.forPc(host.ram());
        map = full.entries();
        lowEnd = full.lowEnd();
        memory = host.memory();
    }

    ServiceTable addTo(ServiceTable table) {
        return table.with(Vectors.SYSTEM, SIZES, this::sizes).with(Vectors.SYSTEM, COPY, this::copy)
                .with(Vectors.SYSTEM, EXTENDED_SIZE, this::extendedSize);
    }

    private Outcome sizes(Call call) {
        return switch (call.al()) {
            case MEMORY_MAP -> memoryMap(call);
            case SIZE_PAIR -> sizePair(call);
            default -> Status.unsupported(call);
        };
    }

    /** One entry; EBX is the number of the next, 0 at first and after the last. 20 bytes, however many are wanted. */
    private Outcome memoryMap(Call call) {
        int index = call.ebx();
        if (call.edx() != SMAP || Integer.compareUnsigned(call.ecx(), ENTRY_SIZE) < 0 || index < 0
                || index >= map.size()) {
            return Status.unsupported(call);
        }
        MemoryMap.Entry entry = map.get(index);
        call.memory().writeLong(call.es(), call.di(), entry.start());
        call.memory().writeLong(call.es(), call.di() + Long.BYTES, entry.length());
        call.memory().writeInt(call.es(), call.di() + 2 * Long.BYTES, entry.type());
        call.eax(SMAP);
        call.ebx(index + 1 == map.size() ? 0 : index + 1);
        call.ecx(ENTRY_SIZE);
        call.carry(false);
        return Outcome.DONE;
    }

    /** KiB from 1 to 16 MiB, and blocks of 64 KiB above, below 4 GiB. */
    private Outcome sizePair(Call call) {
        int kib = (int) Math.min(lowEnd - MIB >> KIB_SHIFT, MAX_KIB_BELOW_16_MIB);
        int blocks = (int) (Math.max(0, lowEnd - SIXTEEN_MIB) >> BLOCK_SHIFT);
        call.ax(kib);
        call.bx(blocks);
        call.cx(kib);
        call.dx(blocks);
        call.carry(false);
        return Outcome.DONE;
    }

    private Outcome extendedSize(Call call) {
        call.ax((int) Math.min(lowEnd - MIB >> KIB_SHIFT, MAX_EXTENDED_KIB));
        call.carry(false);
        return Outcome.DONE;
    }

    /**
     * CX words between the segments of two descriptors of the table at ES:SI. The limits of the descriptors do not
     * count, as under SeaBIOS, whose processor is then in a mode without them.
     */
    private Outcome copy(Call call) {
        int words = call.cx();
        if (words > MAX_WORDS) {
            return Status.failed(call, TOO_MANY);
        }
        memory.read(base(call, SOURCE_DESCRIPTOR), buffer, 0, 2 * words);
        memory.write(base(call, TARGET_DESCRIPTOR), buffer, 0, 2 * words);
        return Status.done(call);
    }

    private static long base(Call call, int descriptor) {
        int at = call.si() + descriptor;
        int low = call.memory().readInt(call.es(), at + BASE_OFFSET) & BASE_MASK;
        return Integer.toUnsignedLong(low | call.memory().readByte(call.es(), at + BASE_TOP_OFFSET) << 24);
    }
}
