package jkvm.vm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import jkvm.abi.KvmRun;

/** Reads the exits whose fields need a closer look. */
final class VcpuExits {
    private static final int MAX_WORDS = 16;

    private VcpuExits() {
    }

    static VcpuExit io(KvmRun run) {
        long offset = run.ioDataOffset();
        long length = Math.min((long) run.ioSize() * run.ioCount(), run.segment().byteSize() - offset);
        List<Byte> data = new ArrayList<>();
        for (long i = 0; i < length; i++) {
            data.add((byte) run.data(offset + i, 1));
        }
        return new VcpuExit.Io(run.isIoOut(), run.ioPort(), run.ioSize(), run.ioCount(), List.copyOf(data));
    }

    static VcpuExit mmio(KvmRun run) {
        int size = run.mmioSize();
        boolean readable = size >= 1 && size <= Long.BYTES;
        return new VcpuExit.Mmio(run.isMmioWrite(), run.mmioAddress(), size,
                readable ? run.data(KvmRun.MMIO_DATA_OFFSET, size) : 0);
    }

    static VcpuExit internalError(KvmRun run) {
        List<Byte> instruction = new ArrayList<>();
        for (byte b : run.emulationInstruction()) {
            instruction.add(b);
        }
        return new VcpuExit.InternalError(run.internalSuberror(), words(run.internalNdata(), run::internalData),
                List.copyOf(instruction));
    }

    static VcpuExit systemEvent(KvmRun run) {
        return new VcpuExit.SystemEvent(run.systemEventType(), words(run.systemEventNdata(), run::systemEventData));
    }

    private static List<Long> words(int count, IntToLongFunction word) {
        List<Long> words = new ArrayList<>();
        for (int i = 0; i < Math.min(count, MAX_WORDS); i++) {
            words.add(word.applyAsLong(i));
        }
        return List.copyOf(words);
    }
}
