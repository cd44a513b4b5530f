package jkvm.tables;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import org.junit.jupiter.api.Test;

/** Carries the loader's commands out as firmware does, in a memory of its own. */
class FirmwareFilesTest {
    private static final int MIB = 1 << 20;
    private static final PlatformDescription PLATFORM = PlatformDescription.pc(2, PlatformDescription.COM1);
    private static final int HIGH = 0x10000;
    private static final int F_SEGMENT = 0x1000;
    private static final int ID_PAGE = 0x40000;

    private final MemorySegment ram = Arena.ofAuto().allocate(2 * MIB);
    private final GuestMemory memory = new GuestMemory(List.of(new MemoryRegion(0, ram),
            new MemoryRegion(GuestMemory.HOLE_END, Arena.ofAuto().allocate(MIB))));
    private Map<String, byte[]> files = FirmwareFiles.of(memory, PLATFORM);
    private final ByteBuffer loaded = ByteBuffer.allocate(MIB).order(ByteOrder.LITTLE_ENDIAN);
    private final Map<String, Integer> addresses = new HashMap<>();

    private void load() {
        ByteBuffer commands = ByteBuffer.wrap(files.get("etc/table-loader")).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(0, commands.capacity() % 128);
        for (int at = 0; at < commands.capacity(); at += 128) {
            commands.position(at);
            switch (commands.getInt()) {
                case 1 -> allocate(name(commands), commands.getInt(), commands.get());
                case 2 -> addPointer(name(commands), name(commands), commands.getInt(), commands.get());
                case 3 -> addChecksum(name(commands), commands.getInt(), commands.getInt(), commands.getInt());
                case 4 -> writePointer(name(commands), name(commands), commands.getInt(), commands.getInt(),
                        commands.get());
                default -> throw new AssertionError("unknown command at " + at);
            }
        }
    }

    private static String name(ByteBuffer commands) {
        byte[] name = new byte[56];
        commands.get(name);
        return new String(name, StandardCharsets.US_ASCII).replace("\0", "");
    }

    private void allocate(String file, int alignment, int zone) {
        int address = zone == TableLoader.F_SEGMENT ? F_SEGMENT : file.startsWith("etc/vmgenid") ? ID_PAGE : HIGH;
        assertEquals(0, address % alignment);
        loaded.put(address, files.get(file));
        addresses.put(file, address);
    }

    private void addPointer(String file, String target, int offset, int size) {
        int at = addresses.get(file) + offset;
        if (size == Integer.BYTES) {
            loaded.putInt(at, loaded.getInt(at) + addresses.get(target));
        } else {
            loaded.putLong(at, loaded.getLong(at) + addresses.get(target));
        }
    }

    private void writePointer(String file, String target, int offset, int targetOffset, int size) {
        assertEquals(Long.BYTES, size);
        ByteBuffer.wrap(files.get(file)).order(ByteOrder.LITTLE_ENDIAN).putLong(offset,
                addresses.get(target) + targetOffset);
    }

    private void addChecksum(String file, int offset, int start, int length) {
        int at = addresses.get(file) + offset;
        assertEquals(0, loaded.get(at), "firmware of some kinds adds the old sum in");
        loaded.put(at, (byte) -sum(addresses.get(file) + start, length));
    }

    private int sum(int address, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += loaded.get(address + i);
        }
        return sum & 0xFF;
    }

    private String signature(int address) {
        byte[] signature = new byte[4];
        loaded.get(address, signature);
        return new String(signature, StandardCharsets.US_ASCII);
    }

    private void assertTable(String signature, int address) {
        assertEquals(signature, signature(address));
        assertEquals(0, sum(address, loaded.getInt(address + 4)), signature);
    }

    @Test
    void shouldGiveWholeTablesOnceTheFirmwareHasPlacedThem() {
        load();
        assertEquals(0, sum(F_SEGMENT, 20));
        assertEquals(0, sum(F_SEGMENT, 36));
        int rsdt = loaded.getInt(F_SEGMENT + 16);
        int xsdt = (int) loaded.getLong(F_SEGMENT + 24);
        assertTable("RSDT", rsdt);
        assertTable("XSDT", xsdt);
        int fadt = loaded.getInt(rsdt + 36);
        int madt = loaded.getInt(rsdt + 40);
        assertEquals(fadt, loaded.getLong(xsdt + 36));
        assertEquals(madt, loaded.getLong(xsdt + 44));
        assertTable("FACP", fadt);
        assertTable("APIC", madt);
        assertTable("DSDT", loaded.getInt(fadt + 40));
        assertEquals(loaded.getInt(fadt + 40), loaded.getLong(fadt + 140));
        assertEquals("FACS", signature(loaded.getInt(fadt + 36)));
        assertEquals(0, loaded.getInt(fadt + 36) % 64);
    }

    @Test
    void shouldLetFirmwarePlaceTheGenerationIdAndSayWhere() {
        files = new HashMap<>(FirmwareFiles.of(memory, new PlatformDescription(1, List.of(), true, true,
                Optional.of(new PlatformDescription.PciHost(0xC0000000L, 0xFEC00000L, List.of(10, 10, 11, 11))),
                List.of(), Optional.empty(), false, true, SmbiosSettings.NONE, true, AcpiSettings.DEFAULT)));
        files.put("etc/vmgenid_guid", new byte[4096]);
        files.put("etc/vmgenid_addr", new byte[8]);

        load();

        assertEquals(ID_PAGE + 40, ByteBuffer.wrap(files.get("etc/vmgenid_addr")).order(ByteOrder.LITTLE_ENDIAN)
                .getLong());
        int ssdt = loaded.getInt(loaded.getInt(F_SEGMENT + 16) + 44);
        assertTable("SSDT", ssdt);
        assertEquals(ID_PAGE + 40, loaded.getInt(ssdt + loaded.getInt(ssdt + 4) - 5));
    }

    @Test
    void shouldListMemoryAndWhatKvmKeeps() {
        ByteBuffer map = ByteBuffer.wrap(files.get("etc/e820")).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(3 * 20, map.capacity());
        assertEntry(map, 0, 2 * MIB, 1);
        assertEntry(map, 1L << 32, MIB, 1);
        assertEntry(map, 0xFEFFC000L, 0x4000, 2);
    }

    private static void assertEntry(ByteBuffer map, long start, long length, int type) {
        assertEquals(start, map.getLong());
        assertEquals(length, map.getLong());
        assertEquals(type, map.getInt());
    }

    @Test
    void shouldGiveSmbiosTablesWithTheirEntryPoint() {
        byte[] anchor = files.get("etc/smbios/smbios-anchor");
        assertEquals("_SM_", new String(anchor, 0, 4, StandardCharsets.US_ASCII));
        assertEquals(files.get("etc/smbios/smbios-tables").length,
                ByteBuffer.wrap(anchor).order(ByteOrder.LITTLE_ENDIAN).getShort(22));
    }

    @Test
    void shouldOfferPowerOffAndNoSleep() {
        assertArrayEquals(new byte[] {(byte) 0x80, 0, 0, (byte) 0x81, (byte) 0x82, (byte) 0x80},
                files.get("etc/system-states"));
        assertTrue(files.keySet().stream().allMatch(name -> name.length() < 56));
    }
}
