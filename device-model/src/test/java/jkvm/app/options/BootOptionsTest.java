package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.device.board.PciPlace;
import jkvm.device.board.PciPlace.Rom;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.FirmwareConfig;
import jkvm.machine.config.MachineConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options that choose the firmware's boot device: orders, numbers of devices, and their ROMs. */
class BootOptionsTest {

    private static MachineConfig parse(String line) {
        return QemuOptions.parse(List.of(line.split(" ")), DeviceTypes.builtIn()).machine();
    }

    private static FirmwareConfig firmware(String line) {
        return parse(line).boot().firmware();
    }

    /** The first device but the serial port. */
    private static DeviceConfig card(String line) {
        return parse(line + " -nodefaults").devices().getFirst();
    }

    private static Optional<Rom> rom(String line) {
        DeviceConfig device = card(line);
        return PciPlace.rom(device.type(), device.properties());
    }

    private static List<Optional<Integer>> bootIndices(String line) {
        return parse(line + " -nodefaults").devices().stream().map(DeviceConfig::bootIndex).toList();
    }

    @Test
    void shouldReadTheOrderOfNowAndOfLater() {
        assertEquals("cad", firmware("-m 64").order().kinds());
        assertEquals("n", firmware("-boot n").order().kinds());
        FirmwareConfig both = firmware("-boot order=nc,once=d,menu=on,strict=on");
        assertEquals("nc", both.order().kinds());
        assertEquals(Optional.of("d"), both.order().once());
        assertTrue(both.order().strict() && both.bootMenu());
        assertFalse(firmware("-boot n").order().strict());
        assertEquals(Optional.of(""), firmware("-boot once=").order().once(), "QEMU then tries nothing at first");
    }

    @Test
    void shouldNumberDisksAndNetworkCards() {
        assertEquals(List.of(Optional.of(2), Optional.of(0), Optional.empty(), Optional.empty()),
                bootIndices("-device virtio-blk-pci,drive=d,bootindex=2 -drive if=none,id=d,file=a.raw"
                        + " -device e1000,bootindex=0 -device e1000,bootindex=-1 -device virtio-rng-pci"));
        assertEquals(List.of(Optional.of(5)), bootIndices("-device virtio-net-pci,bootindex=5"));
    }

    @Test
    void shouldGiveANetworkCardItsUsualRomOrTheUsersOrNone() {
        Path usual = Path.of("efi-e1000.rom");
        assertEquals(Optional.of(new Rom(usual, false, true)), rom("-nic user"));
        assertEquals(Optional.of(new Rom(usual, false, true)), rom("-device e1000"));
        assertEquals(Optional.of(new Rom(usual, false, false)), rom("-device e1000,rombar=0"));
        assertEquals(Optional.of(new Rom(Path.of("my.rom"), true, true)), rom("-device e1000,romfile=my.rom"));
        assertEquals(Optional.empty(), rom("-device e1000,romfile="));
    }

    @Test
    void shouldGiveEachModelItsOwnUsualRom() {
        Optional<Rom> rom = Optional.of(new Rom(Path.of("efi-virtio.rom"), false, true));
        assertEquals(rom, rom("-nic user,model=virtio-net-pci"));
        assertEquals(rom, rom("-device virtio-net-pci"));
        assertEquals(Optional.empty(), rom("-device virtio-net-pci,romfile="));
        assertEquals(Optional.empty(), rom("-M microvm -nic user,model=virtio-net-device"));
    }

    @Test
    void shouldTakeARomForAnyPciDevice() {
        assertEquals(Optional.of(new Rom(Path.of("my.rom"), true, true)), rom("-device pci-testdev,romfile=my.rom"));
        assertEquals(Optional.empty(), rom("-device virtio-rng-pci,rombar=1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-nic user -boot n", "-device e1000,bootindex=3", "-hda disk.raw", "-m 64",
        "-device loader,file=f,addr=0x7c00"})
    void shouldStartTheBuiltInBiosWhereNothingElseIsNamed(String line) {
        assertTrue(parse(line).usesBuiltInBios());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-hda disk.raw -kernel k", "-hda disk.raw -bios bios-256k.bin",
        "-nic user -boot n -M microvm", "-device loader,file=f,addr=0x7c00,cpu-num=0"})
    void shouldStartWhatIsNamedInstead(String line) {
        assertFalse(parse(line).usesBuiltInBios());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-boot once=x                                        | once=x: no boot device x",
        "-boot once=nn                                       | once=nn: boot device n was given twice",
        "-boot once=acdn                                     | at most 3 boot devices",
        "-boot strict=perhaps                                | property strict is on or off",
        "-device e1000,bootindex=1 -device e1000,bootindex=1 | bootindex 1 is in use by another device",
        "-device e1000,bootindex=4294967295                  | property bootindex must be from",
        "-device virtio-rng-pci,bootindex=1                  | unknown property bootindex",
        "-device virtio-rng-device,romfile=x                 | unknown property romfile",
        "-device e1000,rombar=2                              | property rombar must be from 0 to 1",
        "-drive file=a.raw,bootindex=1                       | unknown property bootindex",
    })
    void shouldSayWhatIsWrong(String line, String message) {
        String text = assertThrows(UsageException.class, () -> parse(line)).getMessage();
        assertTrue(text.contains(message), text);
    }
}
