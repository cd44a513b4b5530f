package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VcpuExitTest {
    private final MemorySegment shared = Arena.ofAuto().allocate(3 * 4096, 4096);
    private final KvmRun run = new KvmRun(shared);

    /** @param fields the exit's fields as they lie in memory, in hexadecimal */
    private VcpuExit exit(int reason, String fields) {
        shared.fill((byte) 0);
        shared.set(ValueLayout.JAVA_INT, KvmRun.EXIT_REASON_OFFSET, reason);
        byte[] bytes = HexFormat.of().parseHex(fields.replace(" ", ""));
        MemorySegment.copy(bytes, 0, shared, ValueLayout.JAVA_BYTE, KvmRun.EXIT_OFFSET, bytes.length);
        return VcpuExit.of(run);
    }

    static Stream<Arguments> exits() {
        return Stream.of(
                Arguments.of(KvmExit.MMIO, "0000e0fe00000000 1122334455667788 04000000 01",
                        new VcpuExit.Mmio(true, 0xFEE00000L, 4, 0x44332211L)),
                Arguments.of(KvmExit.HYPERCALL, "0c00000000000000" + "0100000000000000".repeat(6)
                        + "0000000000000000 01000000",
                        new VcpuExit.Hypercall(12, List.of(1L, 1L, 1L, 1L, 1L, 1L), true)),
                Arguments.of(KvmExit.DEBUG, "01000000 00000000 0010000000000000 f04f000000000000 0004000000000000",
                        new VcpuExit.Debug(1, 0x1000, 0x4ff0, 0x400)),
                Arguments.of(KvmExit.INTERNAL_ERROR, "03000000 02000000 0500000000000000 0600000000000000",
                        new VcpuExit.InternalError(3, List.of(5L, 6L), List.of())),
                Arguments.of(KvmExit.FAIL_ENTRY, "2100008000000000 02000000", new VcpuExit.FailEntry(0x80000021L, 2)),
                Arguments.of(KvmExit.SYSTEM_EVENT, "02000000 01000000 0900000000000000",
                        new VcpuExit.SystemEvent(2, List.of(9L))),
                Arguments.of(KvmExit.SHUTDOWN, "", new VcpuExit.Shutdown()),
                Arguments.of(KvmExit.HLT, "", new VcpuExit.Hlt()),
                Arguments.of(KvmExit.IRQ_WINDOW_OPEN, "", new VcpuExit.IrqWindowOpen()),
                Arguments.of(KvmExit.SET_TPR, "", new VcpuExit.SetTpr(0)),
                Arguments.of(KvmExit.TPR_ACCESS, "0020000000000000 01000000", new VcpuExit.TprAccess(0x2000, true)),
                Arguments.of(KvmExit.IOAPIC_EOI, "fe", new VcpuExit.IoapicEoi(0xfe)),
                Arguments.of(KvmExit.HYPERV, "02000000", new VcpuExit.Hyperv(2)),
                Arguments.of(KvmExit.X86_RDMSR, "0000000000000000 02000000 74010000", new VcpuExit.Rdmsr(0x174, 2)),
                Arguments.of(KvmExit.X86_WRMSR, "0000000000000000 04000000 74010000 1000000000000000",
                        new VcpuExit.Wrmsr(0x174, 0x10, 4)),
                Arguments.of(KvmExit.DIRTY_RING_FULL, "", new VcpuExit.DirtyRingFull()),
                Arguments.of(KvmExit.AP_RESET_HOLD, "", new VcpuExit.ApResetHold()),
                Arguments.of(KvmExit.X86_BUS_LOCK, "", new VcpuExit.BusLock()),
                Arguments.of(KvmExit.XEN, "01000000", new VcpuExit.Xen(1)),
                Arguments.of(KvmExit.NOTIFY, "01000000", new VcpuExit.Notify(true)),
                Arguments.of(KvmExit.MEMORY_FAULT, "0800000000000000 0030000000000000 0010000000000000",
                        new VcpuExit.MemoryFault(0x3000, 0x1000, true)),
                Arguments.of(KvmExit.EXCEPTION, "0d000000 10000000", new VcpuExit.Exception(13, 16)),
                Arguments.of(KvmExit.NMI, "", new VcpuExit.Nmi()),
                Arguments.of(KvmExit.INTR, "", new VcpuExit.Intr()),
                Arguments.of(KvmExit.UNKNOWN, "2a00000000000000", new VcpuExit.Unknown(0, 42)),
                Arguments.of(99, "", new VcpuExit.Unknown(99, 0)));
    }

    @ParameterizedTest
    @MethodSource("exits")
    void shouldTellAnExitAsAValue(int reason, String fields, VcpuExit expected) {
        VcpuExit actual = exit(reason, fields);

        assertEquals(expected, actual);
        assertEquals(reason, actual.reason());
    }

    @Test
    void shouldTellTheDataOfEachPortAccess() {
        shared.set(ValueLayout.JAVA_SHORT, 4096, (short) 0x2211);
        shared.set(ValueLayout.JAVA_SHORT, 4098, (short) 0x4433);
        shared.set(ValueLayout.JAVA_INT, KvmRun.EXIT_REASON_OFFSET, KvmExit.IO);
        byte[] fields = HexFormat.of().parseHex("0102f803020000000010000000000000");
        MemorySegment.copy(fields, 0, shared, ValueLayout.JAVA_BYTE, KvmRun.EXIT_OFFSET, fields.length);

        assertEquals(new VcpuExit.Io(true, 0x3f8, 2, 2, List.of((byte) 0x11, (byte) 0x22, (byte) 0x33, (byte) 0x44)),
                VcpuExit.of(run));
    }

    @Test
    void shouldShowTheInstructionThatCouldNotBeEmulated() {
        VcpuExit.InternalError error = (VcpuExit.InternalError) exit(KvmExit.INTERNAL_ERROR,
                "01000000 03000000 0100000000000000 03 0f01d0 " + "00".repeat(12));

        assertEquals("0f 01 d0", error.instructionHex());
        assertEquals("an instruction that KVM cannot emulate", error.meaning());
        assertEquals(3, error.data().size());
    }

    @Test
    void shouldBearFieldsThatNoKernelWrites() {
        VcpuExit.InternalError error = (VcpuExit.InternalError) exit(KvmExit.INTERNAL_ERROR,
                "01000000 ffffff7f 0100000000000000 ff " + "90".repeat(15));
        assertEquals(16, error.data().size());
        assertEquals(15, error.instruction().size());

        VcpuExit.Io io = (VcpuExit.Io) exit(KvmExit.IO, "0104f803ffffff7f 0010000000000000");
        assertEquals(2 * 4096, io.data().size());
        assertEquals(new VcpuExit.Mmio(false, 0, 99, 0),
                exit(KvmExit.MMIO, "0000000000000000 0000000000000000 63000000 00"));
    }
}
