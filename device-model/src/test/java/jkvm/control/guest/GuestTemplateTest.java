package jkvm.control.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jkvm.device.platform.VmGenerationIdType;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.device.virtio.net.VirtioNetType;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.TestConfigs;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.snapshot.SnapshotFile;
import jkvm.state.StateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Guests that go on from one saved moment. */
@GuestTest
@Timeout(120)
class GuestTemplateTest {
    /** Prints ?, then for each key how many there were, which it counts in a byte of memory. */
    private static final String COUNTER = "ba f8 03 b0 3f ee" + "ba fd 03 ec a8 01 74 fb ba f8 03 ec"
            + "fe 06 00 20 a0 00 20 04 30 ee eb e8";
    private static final int CLONES = Boolean.getBoolean("jkvm.long") ? 1000 : 12;
    private static final int MEMORY = 64 << 20;

    @TempDir
    private Path folder;
    private final Guests guests;

    GuestTemplateTest(Guests guests) {
        this.guests = guests;
    }

    private Guest counter() {
        Guest guest = guests.code(COUNTER, config -> config.device(DeviceConfig.of(VmGenerationIdType.TYPE)));
        guest.start().awaitOutput("?");
        return guest;
    }

    @Test
    void shouldGiveEachOfManyClonesMemoryAndAnIdOfItsOwn() {
        Guest guest = counter();
        List<Guest> clones = new ArrayList<>();
        try (GuestTemplate template = GuestTemplate.of(guest)) {
            for (int i = 0; i < CLONES; i++) {
                clones.add(template.make());
            }
        }
        try {
            Set<Object> ids = new HashSet<>(List.of(guest.machine().generationId().orElseThrow()));
            Set<Object> uuids = new HashSet<>();
            for (int i = 0; i < CLONES; i++) {
                Guest clone = clones.get(i);
                clone.resume();
                for (int key = 1; key <= 1 + i % 3; key++) {
                    clone.type("y");
                    clone.awaitOutput(Integer.toString(key));
                }
                assertEquals(1 + i % 3, clone.read(0x2000, 1)[0]);
                clone.pause();
                assertTrue(ids.add(clone.machine().generationId().orElseThrow()));
                assertTrue(uuids.add(clone.machine().config().platform().uuid().orElseThrow()));
            }
            assertEquals(0, guest.read(0x2000, 1)[0], "nobody writes to the first guest's memory");
        } finally {
            clones.forEach(Guest::close);
        }
    }

    @Test
    void shouldGoOnWhenTheStatesFileIsOverwrittenTruncatedAndDeletedUnderTheTemplate() throws Exception {
        Guest guest = counter();
        MachineConfig config = guest.machine().config();
        Path file = folder.resolve("state");
        guest.machine().save(file).join();
        guest.quit();
        GuestTemplate template;
        try (SnapshotFile state = SnapshotFile.open(new FfmSyscalls(), file, MEMORY)) {
            template = GuestTemplate.of(config, state.snapshot(), guests.accelerator());
        }
        try (template; Guest first = template.make()) {
            Files.write(file, new byte[1]);
            first.resume();
            first.type("y");
            first.awaitOutput("1");
            Files.delete(file);
            try (Guest second = template.make()) {
                second.resume();
                second.type("y");
                second.awaitOutput("1");
            }
            first.type("y");
            first.awaitOutput("2");
        }
    }

    @Test
    void shouldMakeNoCloneOfAnotherMachineAndNoneFromAClosedTemplate() {
        Guest guest = counter();
        GuestTemplate template = GuestTemplate.of(guest);
        StateException e = assertThrows(StateException.class, () -> template.make(_ ->
                Guests.machine(4).entry(Guests.CODE_ADDRESS).build()));
        assertTrue(e.getMessage().contains("bytes of memory"), e.getMessage());
        template.close();
        template.close();
        assertThrows(RuntimeException.class, () -> template.start(2));
    }

    @Test
    void shouldGiveClonesDisksAndNetworkAddressesOfTheirOwn() throws Exception {
        Path image = Files.write(folder.resolve("disk.raw"), new byte[1 << 20]);
        Guest guest = guests.code(COUNTER, config -> config.name("web")
                .device(DeviceConfig.of(VirtioBlockType.PCI).with(VirtioBlockType.DRIVE,
                        TestConfigs.rawDrive("d0", image)))
                .device(DeviceConfig.of(VirtioNetType.PCI)));
        guest.start().awaitOutput("?");
        GuestTemplate template = GuestTemplate.of(guest);
        assertThrows(RuntimeException.class, template::make, "the first guest writes to the image");
        guest.quit();
        guest.close();

        try (template; Guest first = template.make(); Guest second = template.make()) {
            assertEquals("web-2", first.machine().config().platform().name());
            assertNotEquals(mac(first), mac(second));
            assertNotEquals(mac(guest), mac(first));
            first.resume();
            first.type("y");
            first.awaitOutput("1");
        }
    }

    private static long mac(Guest guest) {
        return guest.machine().config().devices().stream().filter(device -> device.type() == VirtioNetType.PCI)
                .findFirst().orElseThrow().properties().get(VirtioNetType.MAC);
    }
}
