package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jkvm.app.options.QemuOptions;
import jkvm.boot.BootException;
import jkvm.bus.ConfigurationException;
import jkvm.device.pci.PciFixture;
import jkvm.device.pci.PciFunction;
import jkvm.device.pci.PciTestdev;
import jkvm.device.platform.FwCfg;
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

    private static List<DeviceConfig> devices(String... options) {
        return QemuOptions.parse(List.of(options)).devices();
    }

    private PciFunction plug(String option) {
        List<DeviceConfig> devices = devices("-device", option);
        PciFunction function = new PciTestdev("testdev");
        new ExpansionRoms(devices).plugInto(function, devices.getFirst());
        return pci.plug(function);
    }

    private long shown() {
        pci.enable();
        pci.write(PciFunction.ROM_OFFSET, 4, PLACE | 1);
        return pci.memory.read(PLACE, 4);
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
        plug("e1000,romfile=" + rom("a"));
        assertEquals(0x2A01AA55, shown());
    }

    @Test
    void shouldShowNothingWithoutAFile() {
        plug("e1000,romfile=");
        assertEquals(-1, shown());
    }

    @Test
    void shouldDoWithoutTheUsualRomWhereItIsNotInstalled() {
        List<DeviceConfig> devices = List.of(new DeviceConfig.PciTestdev(
                DeviceConfig.Place.pciWith(DeviceConfig.Rom.usual(Path.of("no-such-model.rom")))));
        PciFunction function = new PciTestdev("testdev");
        new ExpansionRoms(devices).plugInto(function, devices.getFirst());
        pci.plug(function);
        assertEquals(-1, shown());
    }

    @Test
    void shouldLeaveItToFirmwareWhereNoBarShowsIt() throws Exception {
        Path rom = rom("a");
        String option = "e1000,rombar=0,romfile=" + rom;
        plug(option);
        assertEquals(-1, shown());
        List<DeviceConfig> devices = devices("-device", option, "-device", option);
        new ExpansionRoms(devices).putFiles(fwCfg, devices);
        assertEquals(1, files(), "two cards, one ROM");
    }

    @Test
    void shouldRefuseTwoFilesOfOneNameForFirmware() throws Exception {
        List<DeviceConfig> devices = devices("-device", "e1000,rombar=0,romfile=" + rom("a"),
                "-device", "e1000,rombar=0,romfile=" + rom("b"));
        ExpansionRoms roms = new ExpansionRoms(devices);
        String message = assertThrows(ConfigurationException.class, () -> roms.putFiles(fwCfg, devices)).getMessage();
        assertTrue(message.contains("/b/card.rom: another ROM with rombar=0 has this name"), message);
    }

    @Test
    @DisplayName("threat 7: a ROM that is absent, a folder or no ROM is refused in one line that names device and file")
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
        List<DeviceConfig> devices = devices("-device", "e1000,romfile=" + file);
        return assertThrows(BootException.class, () -> new ExpansionRoms(devices)).getMessage();
    }
}
