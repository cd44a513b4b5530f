package jkvm.device.platform;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import jkvm.bus.StateRoundTrip;
import jkvm.device.board.Properties;
import jkvm.device.board.PropertyException;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VmGenerationIdTest {
    private static final int MEMORY_SIZE = 1 << 16;
    private static final long PLACE = 0x3000;
    private static final UUID GIVEN = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final String GIVEN_IN_MEMORY = "33221100554477668899aabbccddeeff";

    private final GuestMemory memory = new GuestMemory(List.of(new MemoryRegion(0,
            Arena.ofAuto().allocate(MEMORY_SIZE, 8))));
    private int drawn;
    private int events;

    private VmGenerationId device(Optional<UUID> given) {
        VmGenerationId device = new VmGenerationId("vmgenid", given, (target, length) -> {
            Arrays.fill(target, (byte) ++drawn);
            return length;
        }, memory);
        device.onChange(() -> events++);
        return device;
    }

    private VmGenerationId placed(Optional<UUID> given) {
        VmGenerationId device = device(given);
        device.placeAt(PLACE);
        return device;
    }

    private String inMemory() {
        byte[] bytes = new byte[16];
        memory.read(PLACE, bytes, 0, bytes.length);
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void shouldShowTheUsersIdInTheGuestsMemoryWithItsFirstFieldsLittleEndian() {
        VmGenerationId device = placed(Optional.of(GIVEN));

        assertEquals(GIVEN_IN_MEMORY, inMemory());
        assertEquals(GIVEN, device.id());
        assertEquals(0, events, "nothing has changed");
    }

    @Test
    void shouldShowTheIdAgainAfterAResetOfAGuestThatHasOverwrittenIt() {
        VmGenerationId device = placed(Optional.of(GIVEN));
        memory.writeLong(PLACE, 0);

        device.reset();

        assertEquals(GIVEN_IN_MEMORY, inMemory());
    }

    @Test
    void shouldHaveAnotherRandomIdInEachCopyAndTellTheGuest() {
        VmGenerationId device = placed(Optional.empty());
        UUID first = device.id();
        byte[] state = StateRoundTrip.save(device);
        for (int copy = 1; copy <= 3; copy++) {
            StateRoundTrip.load(device, state);
            device.loaded(true, false);
            assertEquals(copy, events);
            assertNotEquals(first, device.id());
            assertEquals("%02x".formatted(copy + 1).repeat(16), inMemory());
        }
    }

    @Test
    void shouldKeepTheIdOfAMachineThatGoesOnElsewhereUnlessTheUserGivesAnother() {
        VmGenerationId saved = placed(Optional.empty());

        VmGenerationId same = placed(Optional.empty());
        StateRoundTrip.copy(saved, same);
        same.loaded(false, true);
        assertEquals(saved.id(), same.id());
        assertEquals(0, events);

        VmGenerationId other = placed(Optional.of(GIVEN));
        StateRoundTrip.copy(saved, other);
        other.loaded(false, true);
        assertEquals(GIVEN, other.id());
        assertEquals(GIVEN_IN_MEMORY, inMemory());
        assertEquals(1, events);
    }

    @Test
    void shouldTakeTheUsersIdInANewMachineAndARandomOneWhenItGoesBackInTime() {
        VmGenerationId device = placed(Optional.of(GIVEN));
        byte[] state = StateRoundTrip.save(device);

        StateRoundTrip.load(device, state);
        device.loaded(true, true);
        assertEquals(GIVEN, device.id(), "whoever names the same ID again wants no change");
        assertEquals(0, events);

        StateRoundTrip.load(device, state);
        device.loaded(true, false);
        assertNotEquals(GIVEN, device.id());
        assertEquals(1, events);
    }

    @Test
    void shouldFollowFirmwareThatPlacesThePage() {
        FwCfg files = new FwCfg("fw-cfg", memory);
        VmGenerationId device = device(Optional.of(GIVEN));
        device.offer(files);

        place(files, PLACE);

        assertEquals(GIVEN_IN_MEMORY, inMemory());
        byte[] state = StateRoundTrip.save(device);
        device.reset();
        memory.fill(PLACE, 16, (byte) 0);
        device.loaded(true, false);
        assertEquals("0".repeat(32), inMemory(), "after a reset it is nowhere until firmware places it anew");
        StateRoundTrip.load(device, state);
        device.loaded(false, false);
        assertEquals(GIVEN_IN_MEMORY, inMemory(), "a state tells the place");
    }

    /** Writes a number to the second file, as firmware does. */
    private void place(FwCfg files, long address) {
        long structure = 0x1000;
        memory.writeLong(0x2000, address);
        memory.writeInt(structure, Integer.reverseBytes(FwCfg.FIRST_FILE_KEY << FwCfg.DMA_KEY_SHIFT
                | FwCfg.DMA_SELECT_BIT | FwCfg.DMA_WRITE_BIT));
        memory.writeInt(structure + 4, Integer.reverseBytes(Long.BYTES));
        memory.writeLong(structure + 8, Long.reverseBytes(0x2000));
        files.dma().write(4, 4, Integer.toUnsignedLong(Integer.reverseBytes((int) structure)));
        assertEquals(0, memory.readInt(structure));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, MEMORY_SIZE - 15, MEMORY_SIZE, 0xFEE00000L, Long.MAX_VALUE, Long.MIN_VALUE, -1, -16})
    void shouldWriteIntoGuestMemoryOnlyWhereverAHostileGuestPlacesTheId(long address) {
        FwCfg files = new FwCfg("fw-cfg", memory);
        VmGenerationId device = device(Optional.of(GIVEN));
        device.offer(files);
        byte[] before = new byte[MEMORY_SIZE - 0x4000];
        memory.read(0x4000, before, 0, before.length);

        place(files, address);

        byte[] after = new byte[before.length];
        memory.read(0x4000, after, 0, after.length);
        assertArrayEquals(before, after);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AUTO", "1-2-3-4-5", "00112233445566778899aabbccddeeff",
        "00112233-4455-6677-8899-aabbccddeefg"})
    void shouldRefuseWhatIsNoId(String text) {
        Properties properties = Properties.NONE.with(VmGenerationIdType.GUID, text);

        PropertyException e = assertThrows(PropertyException.class, () -> VmGenerationIdType.TYPE.check(properties));

        assertEquals("Property 'vmgenid.guid' doesn't take value '" + text + "'", e.getMessage());
    }
}
