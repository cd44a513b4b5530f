package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.LongStream;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.linux.Syscalls;
import jkvm.memory.DirtyPages;
import jkvm.memory.PageBitmap;
import org.junit.jupiter.api.Test;

@OnEachKvm
class VmTrackWritesTest {
    /** mov [0x5000], al; out 0x10, al; mov [0x6000], al; out 0x10, al; hlt. */
    private static final String TWO_WRITES = "a2 00 50 e6 10 a2 00 60 e6 10 f4";

    private final Syscalls kvm;

    VmTrackWritesTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    private static List<Long> take(DirtyPages dirty, TinyGuest guest) {
        PageBitmap pages = new PageBitmap(guest.memory);
        dirty.take(pages);
        return LongStream.range(0, pages.pages()).filter(pages::contains).boxed().toList();
    }

    @Test
    void shouldTellWhatVcpusAndDevicesWroteSinceTheLastLook() {
        try (TinyGuest guest = new TinyGuest(kvm, TWO_WRITES); DirtyPages dirty = guest.vm.trackWrites(guest.memory)) {
            assertEquals(List.of(), take(dirty, guest));
            guest.runTo(KvmExit.IO);
            guest.memory.writeInt(0x8FFE, 1);
            assertEquals(List.of(5L, 8L, 9L), take(dirty, guest));

            guest.runTo(KvmExit.IO);
            assertEquals(List.of(6L), take(dirty, guest));
            assertEquals(List.of(), take(dirty, guest));
        }
    }

    @Test
    void shouldTellEachUserAllSinceItsOwnLastLook() {
        try (TinyGuest guest = new TinyGuest(kvm, TWO_WRITES); DirtyPages early = guest.vm.trackWrites(guest.memory)) {
            guest.runTo(KvmExit.IO);
            try (DirtyPages late = guest.vm.trackWrites(guest.memory)) {
                guest.runTo(KvmExit.IO);
                guest.memory.fill(0x9000, 0x1000, (byte) 1);

                assertEquals(List.of(6L, 9L), take(late, guest));
                assertEquals(List.of(), take(late, guest));
            }
            assertEquals(List.of(5L, 6L, 9L), take(early, guest));
        }
    }

    @Test
    void shouldKeepWhatWasWrittenThroughASlotThatIsGone() {
        try (TinyGuest guest = new TinyGuest(kvm, TWO_WRITES); DirtyPages dirty = guest.vm.trackWrites(guest.memory)) {
            guest.runTo(KvmExit.IO);
            guest.vm.setMemoryRegion(0, 0, 0, 0, 0);
            guest.vm.setMemory(guest.memory);
            guest.runTo(KvmExit.IO);

            assertEquals(List.of(5L, 6L), take(dirty, guest));
        }
    }

    @Test
    void shouldLeaveTheLogOfOtherSlotsToTheirOwner() {
        try (TinyGuest guest = new TinyGuest(kvm, "2e a2 00 50 e6 10 f4")) {
            long upper = TinyGuest.MEMORY_SIZE / 2;
            long host = guest.memory.regions().getFirst().hostAddress();
            guest.vm.setMemoryRegion(0, 0, 0, 0, 0);
            guest.vm.setMemoryRegion(0, 0, 0, upper, host);
            guest.vm.setMemoryRegion(1, KvmUserspaceMemoryRegion.READONLY, upper, upper, host + upper);
            try (DirtyPages dirty = guest.vm.trackWrites(guest.memory)) {
                guest.runTo(KvmExit.IO);

                assertEquals(List.of(5L), take(dirty, guest));
            }
            assertThrows(RuntimeException.class, () -> guest.vm.dirtyLog().get(0, upper / PageBitmap.PAGE),
                    "the log has ended with its last user");
        }
    }

    @Test
    void shouldNoteNothingAfterItsEnd() {
        try (TinyGuest guest = new TinyGuest(kvm, TWO_WRITES)) {
            DirtyPages dirty = guest.vm.trackWrites(guest.memory);
            assertTrue(guest.memory.notesWrites());

            dirty.close();
            dirty.close();

            assertFalse(guest.memory.notesWrites());
            assertThrows(IllegalStateException.class, () -> take(dirty, guest));
        }
    }
}
