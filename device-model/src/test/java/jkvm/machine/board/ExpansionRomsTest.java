package jkvm.machine.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.app.options.ErrorText;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.PciPlace;
import jkvm.device.board.PciType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.e1000.E1000Type;
import jkvm.device.pci.PciFixture;
import jkvm.device.pci.PciFunction;
import jkvm.device.platform.FwCfg;
import jkvm.device.testdev.PciTestdev;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineWarning;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpansionRomsTest {
    private static final long PLACE = 0xFEB00000L;

    @TempDir
    private Path folder;
    private final PciFixture pci = new PciFixture();
    private final FwCfg fwCfg = new FwCfg("fw-cfg", new GuestMemory(List.of(new MemoryRegion(0,
            MemorySegment.ofArray(new byte[1 << 20])))));

    private Path rom(String name) throws Exception {
        return Files.write(Files.createDirectories(folder.resolve(name)).resolve("card.rom"),
                new byte[] {0x55, (byte) 0xAA, 1, 42});
    }

    private static DeviceConfig card(Path romFile) {
        return DeviceConfig.of(E1000Type.TYPE).with(PciPlace.ROM_FILE, romFile);
    }

    private static DeviceConfig hidden(Path romFile) {
        return card(romFile).with(PciPlace.ROM_BAR, 0);
    }

    private PciFunction plug(DeviceConfig device) {
        PciFunction function = new PciTestdev("testdev");
        new ExpansionRoms(List.of(device), List.of()).plugInto(function, device);
        return pci.plug(function);
    }

    private long shown() {
        pci.enable();
        pci.write(PciFunction.ROM_OFFSET, 4, PLACE | 1);
        return pci.memory.dispatchRead(PLACE, 4);
    }

    private int files() {
        fwCfg.write(0, 2, FwCfg.FILE_DIRECTORY_KEY);
        int count = 0;
        for (int i = 0; i < 4; i++) {
            count = count << 8 | (int) fwCfg.read(1, 1);
        }
        return count;
    }

    @Test
    void shouldShowTheUsersFile() throws Exception {
        plug(card(rom("a")));
        assertEquals(0x2A01AA55, shown());
    }

    @Test
    void shouldShowNothingWithoutAFile() {
        plug(card(Path.of("")));
        assertEquals(-1, shown());
    }

    private static final class TypeWithAnAbsentRom extends PciType {
        TypeWithAnAbsentRom() {
            super("no-such-model", Category.MISC, "a model that no distribution has a ROM for");
        }

        @Override
        protected List<Property<?>> ownProperties() {
            return List.of();
        }

        @Override
        public Optional<Path> usualRom() {
            return Optional.of(Path.of("no-such-model.rom"));
        }

        @Override
        public PciFunction create(Board board, Properties properties) {
            return new PciTestdev(properties.id());
        }
    }

    @Test
    void shouldDoWithoutTheUsualRomWhereItIsNotInstalled() {
        plug(DeviceConfig.of(new TypeWithAnAbsentRom()));
        assertEquals(-1, shown());
    }

    @Test
    void shouldLeaveItToFirmwareWhereNoBarShowsIt() throws Exception {
        DeviceConfig device = hidden(rom("a"));
        plug(device);
        assertEquals(-1, shown());
        List<DeviceConfig> devices = List.of(device, device);
        new ExpansionRoms(devices, List.of()).putFiles(fwCfg, devices);
        assertEquals(1, files(), "two cards, one ROM");
    }

    @Test
    void shouldRefuseTwoFilesOfOneNameForFirmware() throws Exception {
        List<DeviceConfig> devices = List.of(hidden(rom("a")), hidden(rom("b")));
        ExpansionRoms roms = new ExpansionRoms(devices, List.of());
        MachineException e = assertThrows(MachineException.class, () -> roms.putFiles(fwCfg, devices));
        assertEquals(MachineException.Kind.ROM_NAME_TAKEN, e.kind());
        assertTrue(e.getMessage().endsWith("/b/card.rom: another ROM with rombar=0 has this name"), e.getMessage());
    }

    @Test
    void shouldGiveFirmwareTheRomsOfNoDeviceAndWarnOfThoseThatAreAbsent() throws Exception {
        ExpansionRoms roms = new ExpansionRoms(List.of(), List.of(folder));
        Files.write(folder.resolve("extra.rom"), new byte[3]);
        List<MachineWarning> warnings = new ArrayList<>();

        roms.putOptionRoms(fwCfg, List.of(Path.of("extra.rom"), Path.of("absent.rom")), warnings);

        assertEquals(1, files());
        assertEquals(List.of(new MachineWarning(MachineWarning.Kind.OPTION_ROM_ABSENT, "absent.rom")), warnings);
    }

    @Test
    @DisplayName("a ROM that is absent, a folder or no ROM is refused in one line that names device and file")
    void shouldRefuseWhatIsNoRom() throws Exception {
        Path text = Files.writeString(folder.resolve("text"), "no ROM");
        assertEquals("-device e1000: romfile /absent: no such file", refusal("/absent"));
        assertEquals("-device e1000: romfile " + folder + ": is a directory; name a file", refusal(folder.toString()));
        assertEquals("-device e1000: romfile " + text
                + ": is not an expansion ROM, which begins with the bytes 55 AA", refusal(text.toString()));
        assertEquals("-device e1000: romfile /dev/zero: is not a regular file; copy its content into one",
                refusal("/dev/zero"));
    }

    private static String refusal(String file) {
        List<DeviceConfig> devices = List.of(card(Path.of(file)));
        MachineException e = assertThrows(MachineException.class, () -> new ExpansionRoms(devices, List.of()));
        assertEquals(MachineException.Kind.UNUSABLE_ROM, e.kind());
        return ErrorText.of(e).orElseThrow();
    }
}
