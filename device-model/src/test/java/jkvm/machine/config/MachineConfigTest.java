package jkvm.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jkvm.app.options.ErrorText;
import jkvm.device.board.Properties;
import jkvm.device.e1000.E1000Type;
import jkvm.device.serial.IsaSerialType;
import jkvm.device.testdev.IsaDebugExitType;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.device.virtio.net.VirtioNetType;
import jkvm.host.chardev.ChardevSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The defaults that the builder adds, and the settings that it refuses. */
class MachineConfigTest {
    private static final DeviceConfig SERIAL = DeviceConfig.of(IsaSerialType.TYPE)
            .with(IsaSerialType.CHARDEV, ChardevSpec.unconnected("c"));

    private static MachineConfig with(DeviceConfig... devices) {
        MachineConfig.Builder builder = MachineConfig.builder();
        List.of(devices).forEach(builder::device);
        return builder.build();
    }

    @Test
    void shouldHaveQemusDefaultsAndNoDevices() {
        MachineConfig config = MachineConfig.builder().build();
        assertEquals(128L << 20, config.platform().memoryBytes());
        assertEquals(MachineType.PC, config.platform().type());
        assertEquals(CpuConfig.HOST, config.platform().cpu());
        assertEquals(List.of(), config.devices());
        assertEquals(config, MachineConfig.builder().build());
    }

    @Test
    void shouldGiveEachSerialPortTheNextPlaceUnlessItHasOne() {
        MachineConfig config = MachineConfig.builder().serial(new ChardevSpec("none", new ChardevSpec.None(), false))
                .device(SERIAL).device(SERIAL.with(IsaSerialType.INDEX, 0)).device(SERIAL).build();
        assertEquals(List.of(1, 0, 2), config.devices().stream()
                .map(device -> device.properties().get(IsaSerialType.INDEX)).toList());
    }

    @Test
    void shouldRefuseTwoSerialPortsInOnePlaceAndMoreThanFour() {
        DeviceConfig first = SERIAL.with(IsaSerialType.INDEX, 0);
        MachineException e = assertThrows(MachineException.class, () -> with(first, first));
        assertEquals("serial port 0: another device uses this port", e.getMessage());
        assertEquals("serial port 0 is in use", ErrorText.of(e).orElseThrow());
        assertThrows(MachineException.class, () -> with(SERIAL, SERIAL, SERIAL, SERIAL, SERIAL));
    }

    @Test
    void shouldGiveEachCardWithoutAnAddressTheNextOfQemus() {
        MachineConfig config = with(DeviceConfig.of(E1000Type.TYPE), DeviceConfig.of(E1000Type.TYPE)
                .with(E1000Type.MAC, 5L), DeviceConfig.of(VirtioNetType.PCI));
        assertEquals(0x525400123456L, config.devices().get(0).properties().get(E1000Type.MAC));
        assertEquals(5L, config.devices().get(1).properties().get(E1000Type.MAC));
        assertEquals(0x525400123457L, config.devices().get(2).properties().get(VirtioNetType.MAC));
    }

    @Test
    void shouldRefuseAnIdThatAnotherDeviceHas() {
        DeviceConfig device = DeviceConfig.of(IsaDebugExitType.TYPE).withId("a");
        MachineException e = assertThrows(MachineException.class, () -> with(device, device));
        assertEquals("device a: another device has this id", e.getMessage());
        assertEquals("Duplicate ID 'a' for device", ErrorText.of(e).orElseThrow());
    }

    @Test
    void shouldStartTheBuiltInBiosWhereNothingElseIsNamed() {
        assertTrue(with().usesBuiltInBios());
        assertTrue(with(DeviceConfig.of(VirtioBlockType.PCI)).usesBuiltInBios());
        assertFalse(MachineConfig.builder().kernel(Path.of("k")).build().usesBuiltInBios());
        assertFalse(MachineConfig.builder().type(MachineType.MICROVM).build().usesBuiltInBios());
        assertFalse(MachineConfig.builder().firmware(FirmwareConfig.DEFAULT.withRom(Path.of("rom"))).build()
                .usesBuiltInBios());
    }

    @Test
    void shouldRefuseAValueOfAnotherType() {
        assertThrows(ClassCastException.class, () -> new Properties("", Map.of(E1000Type.MAC, "52:54:00:12:34:56")));
    }

    @Test
    void shouldRefuseANumberOutOfItsPropertysRange() {
        DeviceConfig exit = DeviceConfig.of(IsaDebugExitType.TYPE);
        for (int port : new int[] {-1, 0x10000}) {
            assertRefused("property iobase: " + port + ", must be from 0 to 65535",
                    () -> exit.with(IsaDebugExitType.PORT, port));
        }
    }

    @Test
    void shouldRefuseAPropertyOfAnotherType() {
        assertRefused("isa-debug-exit has no property index",
                () -> DeviceConfig.of(IsaDebugExitType.TYPE).with(IsaSerialType.INDEX, 1));
    }

    @Test
    void shouldRefuseMemoryAndCpusThatNoMachineHas() {
        for (long bytes : new long[] {0, -8192, 4096, (1 << 20) + 4096, Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertRefused(bytes + " bytes of memory: must be a multiple of 8 KiB",
                    () -> MachineConfig.builder().memory(bytes));
        }
        for (int count : new int[] {0, -1, 256, Integer.MAX_VALUE}) {
            assertRefused(count + " CPUs: must be from 1 to 255", () -> MachineConfig.builder().cpus(count));
        }
        assertRefused("shift 11: must be from 0 to 10", () -> new CountingConfig(11, false, false));
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
