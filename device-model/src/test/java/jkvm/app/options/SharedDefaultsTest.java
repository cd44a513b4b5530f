package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jkvm.device.platform.IsaDebugconType;
import jkvm.device.testdev.IsaDebugExitType;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.DeviceTypes;
import jkvm.tables.SleepStates;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options that change others: {@code -global}, {@code -set} and {@code -readconfig}. */
class SharedDefaultsTest {

    @TempDir
    private Path folder;

    private static CommandLine parse(String line) {
        return QemuOptions.parse(List.of(line.split(" ")), DeviceTypes.builtIn());
    }

    @Test
    void shouldGiveAllDevicesOfATypeTheDefaultUnlessTheySayOtherwise() {
        List<DeviceConfig> devices = parse("-nodefaults -device isa-debug-exit,iobase=0x10 -device isa-debug-exit"
                + " -debugcon null -global isa-debug-exit.iobase=0xf4"
                + " -global driver=isa-debugcon,property=iobase,value=0x402").machine().devices();
        assertEquals(List.of(0x10, 0xf4), devices.stream().filter(d -> d.type() == IsaDebugExitType.TYPE)
                .map(d -> d.properties().get(IsaDebugExitType.PORT)).toList());
        assertEquals(0x402, devices.stream().filter(d -> d.type() == IsaDebugconType.TYPE).findFirst().orElseThrow()
                .properties().get(IsaDebugconType.PORT));
    }

    @Test
    void shouldWarnOfDefaultsForNothing() {
        assertTrue(parse("-global foo.bar=1").warnings().getFirst().contains("foo.bar has invalid class name"));
        assertTrue(parse("-global kvm-pit.lost_tick_policy=discard").warnings().getFirst().startsWith("not yet: "));
        assertEquals(List.of(), parse("-global rtl8139.mac=1 -global virtio-mmio.force-legacy=false").warnings());
    }

    @Test
    void shouldLeaveSleepStatesOutOfTheTables() {
        assertEquals(SleepStates.ALL,
                parse("-global PIIX4_PM.disable_s3=0").machine().platform().acpiSettings().sleep());
        assertEquals(new SleepStates(false, true),
                parse("-global PIIX4_PM.disable_s3=1").machine().platform().acpiSettings().sleep());
        assertEquals(SleepStates.NONE, parse("-global PIIX4_PM.disable_s3=1 -global PIIX4_PM.disable_s4=1").machine()
                .platform().acpiSettings().sleep());
        assertTrue(assertThrows(UsageException.class, () -> parse("-global PIIX4_PM.disable_s3=foo")).getMessage()
                .endsWith("Parameter 'disable_s3' expects uint64"));
    }

    @Test
    void shouldSetAPropertyOfAnOptionThatHasTheId() {
        assertEquals("b", parse("-drive if=none,id=d,file=a -device virtio-blk-pci,drive=d"
                + " -set drive.d.file=b").machine().devices().getLast().properties().get(VirtioBlockType.DRIVE).image()
                .text());
    }

    @Test
    void shouldReadOptionsFromAFile() throws Exception {
        Path file = Files.writeString(folder.resolve("c.cfg"), """
                # a comment
                [memory]
                  size = "64M"

                [drive "d"]
                  if = "none"
                  file = "a,b"
                [device]
                  driver = "virtio-blk-pci"
                  drive = "d"
                """);
        CommandLine line = parse("-smp 2 -readconfig " + file);
        assertEquals(64 << 20, line.machine().platform().memoryBytes());
        assertEquals("a,b", line.machine().devices().getLast().properties().get(VirtioBlockType.DRIVE).image()
                .text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "[foo]                | line 1: There is no option group 'foo'",
        "size = \"64M\"       | line 1: no group defined",
        "[memory]#size = 64M  | line 2: parse error",
        "[memory]#foo = \"1\" | unknown property foo",
    })
    void shouldNameTheLineOfAFileThatIsWrong(String content, String message) throws Exception {
        Path file = Files.writeString(folder.resolve("c.cfg"), content.replace('#', '\n'));
        UsageException refusal = assertThrows(UsageException.class, () -> parse("-readconfig " + file));
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-global foo                                      | options 'driver', 'property', and 'value' are required",
        "-device isa-debug-exit -global isa-debug-exit.foo=1 | Property 'isa-debug-exit.foo' not found",
        "-set foo                                         | can't parse: \"foo\"",
        "-set a.b.c=d                                     | There is no option group 'a'",
        "-set drive.d.file=x                              | there is no drive \"d\" defined",
        "-readconfig /nonexistent                         | Could not open '/nonexistent': No such file or directory",
    })
    void shouldRefuseDefaultsThatCannotBe(String line, String message) {
        UsageException refusal = assertThrows(UsageException.class, () -> parse(line));
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    }
}
