package jkvm.vm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Supplier;
import jkvm.abi.KvmStruct;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** Writes structs of the kernel into a saved state, byte for byte, and reads them back. */
final class StructState {
    private static final byte[] ABSENT = {};

    private StructState() {
    }

    /** @param struct null for a part that there is not */
    static void save(StateWriter out, String name, KvmStruct struct) {
        out.putBytes(name, struct == null ? ABSENT : struct.segment().toArray(ValueLayout.JAVA_BYTE));
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @param like  what is there now: null where there is no such part
     * @param empty makes a struct of the same size
     * @throws StateException if a part is there that should not be, or is missing, or has another size
     */
    static <T extends KvmStruct> T load(StateReader in, String name, T like, Supplier<T> empty) {
        byte[] bytes = in.getBytes(name, -1);
        if (like == null) {
            if (bytes.length > 0) {
                throw new StateException("the state has %s, which this KVM does not".formatted(name));
            }
            return null;
        }
        T struct = empty.get();
        if (struct.segment().byteSize() != bytes.length) {
            throw new StateException("the state has %d bytes of %s, this KVM %d".formatted(bytes.length, name,
                    struct.segment().byteSize()));
        }
        MemorySegment.copy(bytes, 0, struct.segment(), ValueLayout.JAVA_BYTE, 0, bytes.length);
        return struct;
    }
}
