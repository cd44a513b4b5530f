package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jkvm.control.guest.Guest;
import jkvm.device.board.PciPlace;
import jkvm.device.e1000.E1000Type;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.device.virtio.net.VirtioNetType;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.usernet.UserConfig;
import jkvm.machine.MachineDevices;
import jkvm.machine.MachineEvent;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's kernel is given a disk and a network card while it runs, uses both, and gives them up under load, again and
 * again, on the KVM in Java. With {@code -Djkvm.long=true} twenty times each, and with an e1000, too.
 */
@BootsGuests
class HotplugGuestTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ROUNDS = Boolean.getBoolean("jkvm.long") ? 20 : 3;
    private static final int FILE_SIZE = 1 << 20, DISK_SLOT = 4, NET_SLOT = 5;
    /** Each round: what is on the bus, what the disk has, what the web server has; then load until both are gone. */
    private static final String SCRIPT = NetGuest.FUNCTIONS + """
            pci() { echo == bus $1 $(ls /sys/bus/pci/devices | tr '\\n' ' ') end; }
            until_there() { until [ -e $1 ]; do usleep 20000; done; }
            until_gone() { while [ -e $1 ]; do usleep 20000; done; }
            disk() {
                until_there /dev/vda
                mount -t ext4 /dev/vda /mnt
                echo == disk $1 has $(cat /mnt/note) end
                echo "note of round $1" >/mnt/note
                umount /mnt
            }
            net() {
                until_there /sys/class/net/eth0
                up
                echo == net $1 got $(wget -q -O - http://10.0.2.2:PORT/file | md5sum | cut -c1-32) end
            }
            load() {
                touch /tmp/load
                while [ -e /tmp/load ]; do dd if=/dev/vda of=/dev/null bs=64k 2>/dev/null; done &
                while [ -e /tmp/load ]; do wget -q -O /dev/null http://10.0.2.2:PORT/file 2>/dev/null; done &
            }
            round=0
            pci start
            while [ $round -lt ROUNDS ]; do
                disk $round
                net $round
                pci $round
                load
                echo == give $round up
                until_gone /sys/bus/pci/devices/0000:00:04.0
                until_gone /sys/bus/pci/devices/0000:00:05.0
                rm /tmp/load
                pci gone
                killall wget dd 2>/dev/null
                wait
                round=$((round+1))
            done
            dmesg | grep -E 'BUG:|Oops|blocked for more|Call Trace|ACPI.*Error'
            echo == done
            poweroff -f
            """;

    @TempDir
    private Path folder;
    private DriveSpec disk;
    private Path web;
    private String sum;

    @BeforeEach
    void makeADiskAndAFile() throws Exception {
        Path files = Files.createDirectories(folder.resolve("root"));
        Files.writeString(files.resolve("note"), "note of the host\n");
        Path image = folder.resolve("disk.raw");
        host("mke2fs", "-q", "-t", "ext4", "-d", files.toString(), image.toString(), "8M");
        disk = DriveSpec.ofPath("d0", image, ImageOptions.WRITABLE.withFormat(ImageFormat.RAW));
        byte[] file = new byte[FILE_SIZE];
        new Random(1).nextBytes(file);
        web = Files.createDirectories(folder.resolve("web"));
        Files.write(web.resolve("file"), file);
        sum = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(file));
    }

    private static String host(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), String.join(" ", command) + "\n" + output);
        return output;
    }

    @Test
    void shouldMountAndGiveUpAVirtioDiskAndCardUnderLoad() throws Exception {
        plugAgainAndAgain(LabKernel.cloud(System.err::println), List.of("virtio_pci", "virtio_blk", "virtio_net"),
                DeviceConfig.of(VirtioNetType.PCI).with(VirtioNetType.NETDEV, network()));
    }

    @Test
    @EnabledIfSystemProperty(named = "jkvm.long", matches = "true")
    void shouldMountAndGiveUpAVirtioDiskAndAnE1000UnderLoad() throws Exception {
        plugAgainAndAgain(LabKernel.generic(System.err::println),
                List.of("crc32c_generic", "ext4", "virtio_pci", "virtio_blk", "e1000"),
                DeviceConfig.of(E1000Type.TYPE).with(E1000Type.NETDEV, network()));
    }

    private static NetdevSpec network() {
        return new NetdevSpec("n0", new NetdevSpec.User(UserConfig.defaults()));
    }

    private void plugAgainAndAgain(LabKernel kernel, List<String> modules, DeviceConfig card) throws Exception {
        int port = SoftRun.freePort();
        Path initramfs = Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                modules, SCRIPT.replace("PORT", Integer.toString(port)).replace("ROUNDS", Integer.toString(ROUNDS))));
        MachineConfig config = MachineConfig.builder().memory(256 << 20).kernel(kernel.image())
                .initrds(List.of(initramfs.toString())).commandLine("console=ttyS0 quiet").console().build();
        Process server = SoftRun.webServer(port, web);
        try (Guest guest = Guest.builder(config).accelerator(Accelerators.open("soft")).build()) {
            rounds(guest.start(), card);
            assertEquals(0, guest.awaitEnd(PATIENCE).status(), guest.output());
        } finally {
            server.destroyForcibly();
        }
        host("e2fsck", "-fn", folder.resolve("disk.raw").toString());
        assertEquals("note of round " + (ROUNDS - 1) + "\n",
                host("debugfs", "-R", "cat /note", folder.resolve("disk.raw").toString())
                        .replaceAll("(?m)^debugfs .*\\R", ""));
    }

    private void rounds(Guest guest, DeviceConfig card) throws Exception {
        MachineDevices devices = guest.machine().devices();
        devices.addNetwork(network()).join();
        devices.addNode(disk).join();
        String atStart = bus(guest, "start");
        String note = "note of the host";
        long descriptors = 0;
        for (int round = 0; round < ROUNDS; round++) {
            CompletableFuture<Void> gone = bothGone(guest);
            devices.plug(DeviceConfig.of(VirtioBlockType.PCI).withId("disk0").with(VirtioBlockType.DRIVE, disk)
                    .with(PciPlace.ADDRESS, DISK_SLOT << 3)).join();
            devices.plug(card.withId("net0").with(PciPlace.ADDRESS, NET_SLOT << 3)).join();
            assertEquals(note, seen(guest, "disk " + round + " has"));
            assertEquals(sum, seen(guest, "net " + round + " got"));
            assertEquals(atStart + " 0000:00:04.0 0000:00:05.0", bus(guest, Integer.toString(round)));
            guest.awaitOutput("== give " + round + " up", PATIENCE);
            devices.unplug("disk0").join();
            devices.unplug("net0").join();
            gone.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertEquals(atStart, bus(guest, "gone"));
            assertTrue(threads().noneMatch(name -> name.contains("disk0") || name.contains("net0")),
                    () -> threads().toList().toString());
            long now = descriptors();
            assertTrue(round == 0 || now == descriptors, "%d descriptors, then %d".formatted(descriptors, now));
            descriptors = now;
            note = "note of round " + round;
        }
        String end = guest.awaitOutput("== done", PATIENCE);
        assertTrue(!Pattern.compile("BUG:|Oops|blocked for more|Call Trace|ACPI.*Error").matcher(end).find(), end);
    }

    private static CompletableFuture<Void> bothGone(Guest guest) {
        CompletableFuture<Void> disk = new CompletableFuture<>();
        CompletableFuture<Void> card = new CompletableFuture<>();
        guest.onEvent(event -> {
            if (event.type() == MachineEvent.Type.DEVICE_DELETED) {
                (event.device().equals("disk0") ? disk : card).complete(null);
            }
        });
        return CompletableFuture.allOf(disk, card);
    }

    private static String bus(Guest guest, String when) {
        return seen(guest, "bus " + when);
    }

    private static String seen(Guest guest, String what) {
        return guest.awaitOutput(Pattern.compile("== " + Pattern.quote(what) + " (.*) end"), PATIENCE).group(1).strip();
    }

    private static Stream<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName);
    }

    /** Event descriptors and the disk: sockets of connections that the guest has left come and go. */
    private long descriptors() throws IOException {
        long count = 0;
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : open.toList()) {
                try {
                    String link = Files.readSymbolicLink(descriptor).toString();
                    count += link.contains("eventfd") || link.equals(disk.image().text()) ? 1 : 0;
                } catch (IOException _) {
                    // Closed meanwhile.
                }
            }
        }
        return count;
    }
}
