package jkvm.machine.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import jkvm.app.options.ErrorText;
import jkvm.boot.BootException;
import jkvm.device.board.DeviceType;
import jkvm.device.e1000.E1000Type;
import jkvm.device.platform.FwCfg;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.FirmwareConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineWarning;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.tables.PlatformDescription;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirmwareItemsTest {
    private final GuestMemory memory = new GuestMemory(List.of(new MemoryRegion(0,
            MemorySegment.ofArray(new byte[1 << 20]))));
    private final List<MachineWarning> warnings = new ArrayList<>();

    @TempDir
    private Path folder;

    private Map<String, String> files() {
        return files(FirmwareConfig.DEFAULT);
    }

    private Map<String, String> files(FirmwareConfig config, DeviceConfig... devices) {
        FirmwareItems items = new FirmwareItems(config);
        FwCfg fwCfg = items.fwCfg(memory, PlatformDescription.pc(1), false, warnings);
        BootOrder order = new BootOrder();
        List.of(devices).forEach(device -> order.addPci(device, 7 << 3));
        items.putBootOrder(order, fwCfg);
        ByteBuffer directory = ByteBuffer.wrap(item(fwCfg, FwCfg.FILE_DIRECTORY_KEY, 4 + 64 * 32));
        Map<String, String> files = new LinkedHashMap<>();
        for (int left = directory.getInt(); left > 0; left--) {
            int size = directory.getInt();
            int key = directory.getInt() >>> 16;
            byte[] name = new byte[56];
            directory.get(name);
            files.put(text(name).replace("\0", ""), text(item(fwCfg, key, size)));
        }
        return files;
    }

    private static FirmwareConfig with(FirmwareConfig.Item... items) {
        return FirmwareConfig.DEFAULT.withItems(List.of(items));
    }

    private static FirmwareConfig.Item text(String name, String content) {
        return new FirmwareConfig.Item(name, Optional.empty(), content);
    }

    private static FirmwareConfig.Item file(String name, Path file) {
        return new FirmwareConfig.Item(name, Optional.of(file), "");
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] item(FwCfg fwCfg, int key, int size) {
        fwCfg.write(0, 2, key);
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) fwCfg.read(1, 1);
        }
        return bytes;
    }

    @Test
    void shouldGiveTheUsersFilesByName() throws Exception {
        Path content = Files.write(folder.resolve("content"), "from a file".getBytes(StandardCharsets.US_ASCII));
        Map<String, String> files = files(with(text("opt/text", "a,b=c"), file("opt/file", content)));
        assertEquals(List.of("opt/file", "opt/text"),
                files.keySet().stream().filter(name -> name.startsWith("opt/")).toList());
        assertEquals("a,b=c", files.get("opt/text"));
        assertEquals("from a file", files.get("opt/file"));
        assertEquals(List.of(), warnings);
    }

    @Test
    @DisplayName("should give the machine's tables to firmware, and to kernels that look for them, as QEMU does")
    void shouldGiveTables() {
        assertEquals(List.of("bios-geometry", "etc/acpi/rsdp", "etc/acpi/tables", "etc/boot-fail-wait", "etc/e820",
                "etc/smbios/smbios-anchor", "etc/smbios/smbios-tables", "etc/system-states", "etc/table-loader"),
                List.copyOf(files().keySet()));
    }

    @Test
    void shouldWarnOfNamesThatMayBeTheMachinesAndRefuseThoseThatAre() {
        files(with(text("mine", "x")));
        assertEquals(List.of("-fw_cfg mine: externally provided fw_cfg item names should be prefixed with"
                + " \"opt/\""), warnings.stream().map(ErrorText::of).toList());
        MachineException e = assertThrows(MachineException.class,
                () -> files(with(text("etc/e820", "x"))));
        assertEquals(MachineException.Kind.ITEM_REFUSED, e.kind());
        assertEquals("-fw_cfg etc/e820: duplicate fw_cfg file name: etc/e820", ErrorText.of(e).orElseThrow());
    }

    @Test
    void shouldNameAFileThatIsAbsent() {
        String message = assertThrows(BootException.class,
                () -> files(with(file("opt/x", Path.of("/absent"))))).getMessage();
        assertTrue(message.endsWith("file /absent: no such file"), message);
    }

    @Test
    void shouldPassOnHowLongToWait() {
        Map<String, String> files = files(
                FirmwareConfig.DEFAULT.withBootMenu(OptionalInt.of(258)).withReboot(1000));
        assertEquals("\2\1", files.get("etc/boot-menu-wait"));
        assertEquals("\u00e8\3\0\0", files.get("etc/boot-fail-wait"));
        assertEquals("\u00ff".repeat(4), files().get("etc/boot-fail-wait"));
    }

    @Test
    void shouldPutNumberedDevicesInFrontOfAllOthers() {
        DeviceConfig first = DeviceConfig.of(E1000Type.TYPE).with(DeviceType.BOOT_INDEX, 1);
        Map<String, String> files = files(FirmwareConfig.DEFAULT.withOrder(
                new FirmwareConfig.Order("cad", Optional.empty(), true)), first);
        assertEquals("/pci@i0cf8/ethernet@7/ethernet-phy@0\nHALT\0", files.get("bootorder"));
        MachineException e = assertThrows(MachineException.class,
                () -> files(with(text("bootorder", "x")), first));
        assertEquals("bootindex= makes the file bootorder: duplicate fw_cfg file name: bootorder",
                ErrorText.of(e).orElseThrow());
    }
}
