package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Virtio devices on PCI offer a Linux guest the same as QEMU's do, by lspci and their own registers. */
@RequiresLab
class VirtioOffersTest {
    /**
     * Reads the common configuration (virtio 1.2 section 4.1.4.3) and the device's through the window in configuration
     * space, which needs no driver: sysfs shows only what the driver accepted.
     */
    private static final String SCRIPT = """
            window() { /usr/bin/setpci -s $slot 88.b=4 "$@"; }
            for slot in 00:04.0 00:05.0 00:06.0 00:07.0; do
                echo DEVICE
                /usr/bin/lspci -vvn -s $slot 2>/dev/null
                set -- $(window 90.l=4 8c.l=0 94.l=1 8c.l=4 94.l 8c.l=0 94.l=0 8c.l=4 94.l)
                echo "Offers: $1$2"
                echo "Accepted: $(cat /sys/bus/pci/devices/0000:$slot/virtio*/features)"
                echo Queues: $(window 90.l=2 8c.l=12 94.w)
                echo Queue sizes: $(window 90.l=2 8c.l=16 94.w=0 8c.l=18 94.w 8c.l=16 94.w=1 8c.l=18 94.w \\
                    8c.l=16 94.w=2 8c.l=18 94.w)
                case $slot in
                    00:05.0) words="00 04 08 0c 10 14 18 1c 20 24 28 2c 30 34";;
                    00:06.0) words="00 04 08";;
                    00:07.0) words="00 04";;
                    *) words="";;
                esac
                for at in $words; do echo Configuration $at: $(window 90.l=4 8c.l=20$at 94.l); done
                [ $slot != 00:05.0 ] || echo Configuration 38: $(window 90.l=1 8c.l=2038 94.b)
            done
            echo DEVICE
            poweroff -f
            """;

    /**
     * The list below for each device: "=" both have it, "+" only jkvm, "-" only QEMU; "#" tells why they differ.
     * QEMU's guest comes by its firmware, jkvm's straight from -kernel.
     */
    private static final String FUNCTION = """
            = Subsystem: 1af4:1100
            = Physical Slot: %1$d
            = Control: I/O+ Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr- Stepping- SERR+ FastB2B- DisINTx+
            = Status: Cap+ 66MHz- UDF- FastB2B- ParErr- DEVSEL=fast >TAbort- <TAbort- <MAbort- >SERR- <PERR- INTx-
            # Linux sets the latency timer, which jkvm lets it; in QEMU that register is read-only.
            + Latency: 64
            - Latency: 0
            = Interrupt: pin A routed to IRQ %2$d
            = Region 1: Memory at ADDRESS (32-bit, non-prefetchable) [size=4K]
            = Region 4: Memory at ADDRESS (64-bit, prefetchable) [size=16K]
            %3$s
            = Vector table: BAR=1 offset=00000000
            = PBA: BAR=1 offset=00000800
            = Capabilities: [84] Vendor Specific Information: VirtIO: <unknown>
            = BAR=0 offset=00000000 size=00000000
            = Capabilities: [70] Vendor Specific Information: VirtIO: Notify
            = BAR=4 offset=00003000 size=00001000 multiplier=00000004
            = Capabilities: [60] Vendor Specific Information: VirtIO: DeviceCfg
            = BAR=4 offset=00002000 size=00001000
            = Capabilities: [50] Vendor Specific Information: VirtIO: ISR
            = BAR=4 offset=00001000 size=00001000
            = Capabilities: [40] Vendor Specific Information: VirtIO: CommonCfg
            = BAR=4 offset=00000000 size=00001000
            = Kernel driver in use: virtio-pci
            """;
    private static final String RNG = """
            = 00:04.0 00ff: 1af4:1044 (rev 01)
            """ + FUNCTION.formatted(4, 11, "= Capabilities: [98] MSI-X: Enable+ Count=2 Masked-") + """
            = Offers: INDIRECT_DESC EVENT_IDX VERSION_1 RING_RESET
            = Accepted: INDIRECT_DESC EVENT_IDX VERSION_1 RING_RESET
            = Queues: 0001
            = Queue sizes: 0008 0000 0000
            """;
    private static final String BLOCK = """
            = 00:05.0 0100: 1af4:1042 (rev 01)
            """ + FUNCTION.formatted(5, 10, "= Capabilities: [98] MSI-X: Enable+ Count=3 Masked-") + """
            = Offers: SEG_MAX GEOMETRY BLK_SIZE FLUSH TOPOLOGY CONFIG_WCE MQ DISCARD WRITE_ZEROES INDIRECT_DESC\
             EVENT_IDX VERSION_1 RING_RESET
            = Accepted: SEG_MAX GEOMETRY BLK_SIZE FLUSH TOPOLOGY CONFIG_WCE MQ DISCARD WRITE_ZEROES INDIRECT_DESC\
             EVENT_IDX VERSION_1 RING_RESET
            = Queues: 0002
            = Queue sizes: 0100 0100 0000
            = Configuration 00: 00008000
            = Configuration 04: 00000000
            = Configuration 08: 00000000
            = Configuration 0c: 000000fe
            = Configuration 10: 3f100020
            = Configuration 14: 00000200
            = Configuration 18: 00000000
            = Configuration 1c: 00000000
            = Configuration 20: 00020001
            # Limits of discard: jkvm takes 32 ranges of 1 GiB in a request, QEMU one of 2 GiB.
            + Configuration 24: 00200000
            - Configuration 24: 003fffff
            + Configuration 28: 00000020
            - Configuration 28: 00000001
            = Configuration 2c: 00000001
            # And of write zeroes.
            + Configuration 30: 00200000
            - Configuration 30: 003fffff
            + Configuration 34: 00000020
            - Configuration 34: 00000001
            = Configuration 38: 01
            """;
    private static final String CONSOLE = """
            = 00:06.0 0780: 1af4:1043 (rev 01)
            """ + FUNCTION.formatted(6, 10, """
            # jkvm has a vector for each queue and the configuration; QEMU's 64 queues share one.
            + Capabilities: [98] MSI-X: Enable+ Count=3 Masked-
            - Capabilities: [98] MSI-X: Enable+ Count=2 Masked-""") + """
            # jkvm's console is one port that tells its size; QEMU's has 31 ports, and no size.
            + Offers: SIZE EMERG_WRITE INDIRECT_DESC EVENT_IDX VERSION_1 RING_RESET
            - Offers: MULTIPORT EMERG_WRITE INDIRECT_DESC EVENT_IDX VERSION_1 RING_RESET
            + Accepted: SIZE INDIRECT_DESC EVENT_IDX VERSION_1 RING_RESET
            - Accepted: MULTIPORT INDIRECT_DESC EVENT_IDX VERSION_1 RING_RESET
            + Queues: 0002
            - Queues: 0040
            + Queue sizes: 0080 0080 0000
            - Queue sizes: 0080 0080 0020
            = Configuration 00: 00000000
            + Configuration 04: 00000000
            - Configuration 04: 0000001f
            = Configuration 08: 00000000
            """;
    private static final String NETWORK = """
            = 00:07.0 0200: 1af4:1041 (rev 01)
            """ + FUNCTION.formatted(7, 11, "= Capabilities: [98] MSI-X: Enable+ Count=4 Masked-") + """
            # jkvm's card does not cut UDP, and has nobody to announce itself to: it does not move to other machines.
            + Offers: CSUM GUEST_CSUM CTRL_GUEST_OFFLOADS MAC GUEST_TSO4 GUEST_TSO6 GUEST_ECN HOST_TSO4 HOST_TSO6\
             HOST_ECN MRG_RXBUF STATUS CTRL_VQ CTRL_RX CTRL_VLAN CTRL_RX_EXTRA CTRL_MAC_ADDR INDIRECT_DESC\
             EVENT_IDX VERSION_1 RING_RESET
            - Offers: CSUM GUEST_CSUM CTRL_GUEST_OFFLOADS MAC GUEST_TSO4 GUEST_TSO6 GUEST_ECN GUEST_UFO HOST_TSO4\
             HOST_TSO6 HOST_ECN HOST_UFO MRG_RXBUF STATUS CTRL_VQ CTRL_RX CTRL_VLAN CTRL_RX_EXTRA GUEST_ANNOUNCE\
             CTRL_MAC_ADDR INDIRECT_DESC EVENT_IDX VERSION_1 RING_RESET
            + Accepted: CSUM GUEST_CSUM CTRL_GUEST_OFFLOADS MAC GUEST_TSO4 GUEST_TSO6 GUEST_ECN HOST_TSO4 HOST_TSO6\
             HOST_ECN MRG_RXBUF STATUS CTRL_VQ CTRL_RX CTRL_VLAN CTRL_MAC_ADDR INDIRECT_DESC EVENT_IDX VERSION_1\
             RING_RESET
            - Accepted: CSUM GUEST_CSUM CTRL_GUEST_OFFLOADS MAC GUEST_TSO4 GUEST_TSO6 GUEST_ECN GUEST_UFO HOST_TSO4\
             HOST_TSO6 HOST_ECN HOST_UFO MRG_RXBUF STATUS CTRL_VQ CTRL_RX CTRL_VLAN GUEST_ANNOUNCE CTRL_MAC_ADDR\
             INDIRECT_DESC EVENT_IDX VERSION_1 RING_RESET
            = Queues: 0003
            = Queue sizes: 0100 0100 0040
            = Configuration 00: 12005452
            = Configuration 04: 00015634
            """;
    /** Features (virtio 1.2 sections 5.1.3, 5.2.3, 5.3.3 and 6) by bit; others are shown as a number. */
    private static final Map<Integer, String> COMMON_FEATURES = Map.of(28, "INDIRECT_DESC", 29, "EVENT_IDX",
            32, "VERSION_1", 40, "RING_RESET");
    private static final Map<Integer, String> BLOCK_FEATURES = Map.of(2, "SEG_MAX", 4, "GEOMETRY", 6, "BLK_SIZE",
            9, "FLUSH", 10, "TOPOLOGY", 11, "CONFIG_WCE", 12, "MQ", 13, "DISCARD", 14, "WRITE_ZEROES");
    private static final Map<Integer, String> NETWORK_FEATURES = Map.ofEntries(Map.entry(0, "CSUM"),
            Map.entry(1, "GUEST_CSUM"), Map.entry(2, "CTRL_GUEST_OFFLOADS"), Map.entry(5, "MAC"),
            Map.entry(7, "GUEST_TSO4"), Map.entry(8, "GUEST_TSO6"), Map.entry(9, "GUEST_ECN"),
            Map.entry(10, "GUEST_UFO"), Map.entry(11, "HOST_TSO4"), Map.entry(12, "HOST_TSO6"),
            Map.entry(13, "HOST_ECN"), Map.entry(14, "HOST_UFO"), Map.entry(15, "MRG_RXBUF"), Map.entry(16, "STATUS"),
            Map.entry(17, "CTRL_VQ"), Map.entry(18, "CTRL_RX"), Map.entry(19, "CTRL_VLAN"),
            Map.entry(20, "CTRL_RX_EXTRA"), Map.entry(21, "GUEST_ANNOUNCE"), Map.entry(23, "CTRL_MAC_ADDR"));
    private static final Map<Integer, String> CONSOLE_FEATURES = Map.of(0, "SIZE", 1, "MULTIPORT", 2, "EMERG_WRITE");

    @TempDir
    private Path folder;

    @Test
    void shouldOfferWhatQemusDevicesOffer() throws Exception {
        LabKernel kernel = LabKernel.cloud(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of("virtio_pci", "virtio_rng", "virtio_console", "virtio_blk", "virtio_net"), SCRIPT,
                GuestInitramfs.programs("pciutils", "/usr/bin/lspci", "/usr/bin/setpci")));
        try (RandomAccessFile disk = new RandomAccessFile(folder.resolve("disk.raw").toFile(), "rw")) {
            disk.setLength(16 << 20);
        }
        List<String> options = List.of("-kernel", kernel.image().toString(), "-initrd", initramfs.toString(), "-append",
                "console=ttyS0 quiet", "-m", "512", "-drive", "if=none,id=d,format=raw,file=" + folder + "/disk.raw",
                "-device", "virtio-rng-pci,addr=4,disable-legacy=on",
                "-device", "virtio-blk-pci,drive=d,num-queues=2,addr=5,disable-legacy=on",
                "-chardev", "file,id=hvc,path=" + folder + "/hvc.txt",
                "-device", "virtio-serial-pci,addr=6,disable-legacy=on", "-device", "virtconsole,chardev=hvc",
                "-netdev", "tap,id=n,ifname=offers0,script=no,downscript=no",
                "-device", "virtio-net-pci,netdev=n,mac=52:54:00:12:34:56,addr=7,romfile=,disable-legacy=on");
        LabRun.Result result = LabRun.exec(LabRun.shell(
                command(Lab.innerJkvm(List.of("-nographic")), options, "jkvm.txt")
                + command(List.of("qemu-system-x86_64", "-machine", "pc,accel=kvm", "-cpu", "host", "-nodefaults",
                        "-serial", "stdio", "-display", "none"), options, "qemu.txt")), new byte[0],
                Duration.ofMinutes(4));

        assertEquals("0\n0\n", result.out(), result.err());
        assertOffers('+', output("jkvm.txt"));
        assertOffers('-', output("qemu.txt"));
    }

    /** @param own the mark of what only this one has */
    private static void assertOffers(char own, String output) {
        String[] devices = output.split("(?m)^DEVICE\n");
        assertEquals(6, devices.length, output);
        assertEquals(expected(RNG, own), shown(devices[1], Map.of()));
        assertEquals(expected(BLOCK, own), shown(devices[2], BLOCK_FEATURES));
        assertEquals(expected(CONSOLE, own), shown(devices[3], CONSOLE_FEATURES));
        assertEquals(expected(NETWORK, own), shown(devices[4], NETWORK_FEATURES));
    }

    private static String expected(String list, char own) {
        return list.lines().filter(line -> line.charAt(0) == '=' || line.charAt(0) == own)
                .map(line -> line.substring(2)).collect(Collectors.joining("\n"));
    }

    private static String shown(String device, Map<Integer, String> features) {
        return device.lines().map(String::strip).filter(line -> !line.isEmpty())
                .map(line -> line.replaceFirst("Memory at \\p{XDigit}+", "Memory at ADDRESS"))
                .map(line -> withNames(line, features)).collect(Collectors.joining("\n"));
    }

    private static String withNames(String line, Map<Integer, String> features) {
        String bits = line.substring(line.indexOf(' ') + 1);
        BitSet set = new BitSet();
        if (line.startsWith("Offers: ")) {
            set = BitSet.valueOf(new long[] {Long.parseUnsignedLong(bits, 16)});
        } else if (line.startsWith("Accepted: ")) {
            for (int bit = 0; bit < bits.length(); bit++) {
                set.set(bit, bits.charAt(bit) == '1');
            }
        } else {
            return line;
        }
        return line.substring(0, line.indexOf(' ') + 1) + set.stream().mapToObj(bit -> COMMON_FEATURES.getOrDefault(bit,
                features.getOrDefault(bit, Integer.toString(bit)))).collect(Collectors.joining(" "));
    }

    private String output(String name) throws Exception {
        return Files.readString(folder.resolve(name)).replace("\r", "");
    }

    private String command(List<String> program, List<String> options, String output) {
        List<String> words = new ArrayList<>(program);
        words.addAll(options);
        return words.stream().map(LabJob::quote).collect(Collectors.joining(" ")) + " </dev/null >"
                + folder.resolve(output) + "; echo $?\n";
    }
}
