package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.ImageFormat;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.ImageDescription;
import jkvm.host.image.ImageName;
import jkvm.machine.config.DeviceTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockdevOptionsTest {
    private static final String DEVICE = " -device virtio-blk-pci,drive=n";

    private static DriveSpec disk(String line) {
        return QemuOptions.parse(List.of(line.split(" ")), DeviceTypes.builtIn()).machine().devices().getLast()
                .properties().get(VirtioBlockType.DRIVE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-blockdev driver=file,node-name=n,filename=d.img                                                   | RAW",
        "-blockdev file,node-name=f,filename=d.img -blockdev driver=qcow2,node-name=n,file=f                | QCOW2",
        "-blockdev driver=raw,node-name=n,file.driver=file,file.filename=d.img                              | RAW",
        "-blockdev {\"driver\":\"qcow2\",\"node-name\":\"n\",\"backing\":null,\"file\":{\"driver\":\"file\","
                + "\"filename\":\"d.img\",\"auto-read-only\":true}}                                         | QCOW2",
    })
    void shouldGiveADeviceTheNodeThatItNames(String line, ImageFormat format) {
        DriveSpec disk = disk(line + DEVICE);
        assertEquals(ImageDescription.ofPath("d.img").file(), disk.image().file());
        assertEquals(Optional.of(format), disk.options().format());
        assertEquals("n", disk.id());
    }

    @Test
    void shouldPutANodeInThePlaceOfTheBackingImage() {
        String base = "-blockdev driver=file,node-name=bf,filename=b -blockdev driver=qcow2,node-name=b,file=bf";
        DriveSpec over = disk(base + " -blockdev driver=qcow2,node-name=n,file.driver=file,file.filename=t,backing=b"
                + DEVICE);
        DriveSpec alone = disk("-blockdev {\"driver\":\"qcow2\",\"node-name\":\"n\",\"backing\":null,\"file\":"
                + "{\"driver\":\"file\",\"filename\":\"t\"}}" + DEVICE);
        assertEquals(Map.of("backing.driver", "qcow2", "backing.file.driver", "file", "backing.file.filename", "b"),
                over.image().properties());
        DriveSpec inline = disk("-blockdev driver=qcow2,node-name=n,file.driver=file,file.filename=t,"
                + "backing.driver=qcow2,backing.file.driver=file,backing.file.filename=b" + DEVICE);
        assertEquals(Map.of("backing", ""), alone.image().properties());
        assertEquals(over.image().properties(), inline.image().properties());
    }

    @Test
    void shouldReadNodesOfServersAndOfEncryptedDisks() {
        DriveSpec remote = disk("-blockdev driver=nbd,node-name=n,server.type=unix,server.path=/s,export=e" + DEVICE);
        assertEquals(new ImageName.Remote("/s", "nbd", Map.of("server.type", "unix", "server.path", "/s", "export",
                "e")), remote.image().file());
        DriveSpec encrypted = disk("-blockdev driver=luks,node-name=n,file.driver=file,file.filename=d,key-secret=s"
                + DEVICE);
        assertEquals(Optional.of(ImageFormat.LUKS), encrypted.options().format());
        assertEquals(Map.of("key-secret", "s"), encrypted.image().properties());
    }

    @Test
    void shouldJoinTheSettingsOfANodeAndOfTheFileThatItReads() {
        DriveSpec disk = disk("-blockdev driver=file,node-name=f,filename=d.img,cache.direct=on,read-only=on"
                + " -blockdev driver=raw,node-name=n,file=f,discard=unmap" + DEVICE);
        assertEquals(CacheMode.NONE, disk.options().cache());
        assertTrue(disk.options().readOnly());
        assertTrue(disk.options().unmap());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-blockdev node-name=n                                     | property driver is missing",
        "-blockdev driver=file,filename=a                          | node-name must be specified for the root node",
        "-blockdev driver=raw,node-name=n,file=f                   | Cannot find device='f' nor node-name='f'",
        "-blockdev driver=qcow2,node-name=n,file.driver=file,file.filename=a,backing=x | Cannot find device='x'",
        "-blockdev driver=raw,node-name=n,file.driver=file,file.filename=a,backing= | unknown property backing",
        "-blockdev driver=foo,node-name=n                          | property driver does not accept 'foo'",
        "-blockdev driver=file,filename=a,node-name=n,foo=1        | unknown property foo",
        "-blockdev driver=nbd,node-name=n                          | property server.type is missing",
        "-blockdev driver=nbd,node-name=n,server.type=inet,server.host=a | property server.port is missing",
        "-blockdev driver=ssh,node-name=n                          | not yet: -blockdev driver=ssh,node-name=n",
        "-blockdev {\"driver\":\"file\"                            | JSON parse error",
        "-blockdev driver=file,filename=a,node-name=n -device virtio-blk-pci,drive=n -device virtio-blk-pci,drive=n"
                + " | node n is in use by another device",
        "-blockdev driver=file,filename=a,node-name=n -blockdev driver=file,filename=a,node-name=n"
                + " | Duplicate nodes with node-name='n'",
    })
    void shouldRefuseNodesThatCannotBe(String line, String message) {
        UsageException refusal = assertThrows(UsageException.class, () -> disk(line));
        assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    }
}
