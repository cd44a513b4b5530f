package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jkvm.host.net.Tshark;
import jkvm.media.Bios;
import jkvm.media.LongTier;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The built-in BIOS and SeaBIOS with iPXE from the card's ROM, with the same outcome: an address by DHCP and a script
 * by TFTP, both from the user network, then by HTTP from a server on the host's side a kernel, which runs. On the KVM
 * in Java.
 */
@BootsGuests
class NetworkBootTest {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final Path ROMS = Path.of("/usr/lib/ipxe/qemu");
    private static final String GUEST_SCRIPT = """
            echo RUNNING with $(cat /proc/cmdline)
            poweroff -f
            """;
    private static final String IPXE_SCRIPT = """
            #!ipxe
            echo SCRIPT for ${net0/ip} from ${next-server}
            kernel http://10.0.2.2:@PORT@/vmlinuz console=ttyS0 quiet initrd=initramfs.gz from-network
            initrd http://10.0.2.2:@PORT@/initramfs.gz
            boot
            """;
    /** With an error, iPXE names the page that explains it. */
    private static final String IPXE_ERROR = "ipxe.org/";
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"BUILT_IN, e1000, efi-e1000.rom", "SEABIOS, e1000, efi-e1000.rom",
        "BUILT_IN, virtio-net-pci, efi-virtio.rom", "SEABIOS, virtio-net-pci, efi-virtio.rom"})
    void shouldBootLinuxOverTheNetwork(Bios bios, String model, String rom) throws Exception {
        if (model.startsWith("virtio")) {
            LongTier.requireFor(bios);
        }
        assumeTrue(Files.exists(ROMS.resolve(rom)), "Debian's package ipxe-qemu is not installed");
        Tshark.assumeInstalled();
        LabKernel kernel = LabKernel.cloud(System.err::println);
        Path web = Files.createDirectory(folder.resolve("web"));
        Files.copy(kernel.image(), web.resolve("vmlinuz"));
        Files.write(web.resolve("initramfs.gz"),
                GuestInitramfs.script(new KernelModules(kernel), List.of(), GUEST_SCRIPT));
        Path tftp = Files.createDirectory(folder.resolve("tftp"));
        int port = SoftRun.freePort();
        Files.writeString(tftp.resolve("boot.ipxe"), IPXE_SCRIPT.replace("@PORT@", Integer.toString(port)));

        Path capture = folder.resolve("capture.pcap");
        LabRun.Result result;
        Process server = SoftRun.webServer(port, web);
        try {
            List<String> words = new ArrayList<>(List.of("-boot", "n", "-m", "256", "-nographic",
                    "-nic", "user,id=net,model=" + model + ",tftp=" + tftp + ",bootfile=boot.ipxe",
                    "-object", "filter-dump,id=capture,netdev=net,file=" + capture));
            words.addAll(bios.words());
            result = SoftRun.jkvm(words, LIMIT);
        } finally {
            server.destroyForcibly();
        }

        String out = result.out().replace("\r", "");
        assertEquals(0, result.exit(), out + result.err());
        for (String part : List.of("tftp://10.0.2.2/boot.ipxe... ok", "SCRIPT for 10.0.2.15 from 10.0.2.2",
                "http://10.0.2.2:" + port + "/vmlinuz...", "http://10.0.2.2:" + port + "/initramfs.gz...",
                "RUNNING with console=ttyS0 quiet initrd=initramfs.gz from-network")) {
            assertTrue(out.contains(part), () -> "no \"" + part + "\" in\n" + out);
        }
        assertFalse(out.contains(IPXE_ERROR), out);
        assertEquals(List.of(), Tshark.faults(capture));
        assertEquals(List.of(), Tshark.frames(capture, "dhcp.option.dhcp == 6 || tftp.opcode == 5 || icmp.type == 3"));
        assertEquals(1, Tshark.frames(capture, "dhcp.option.dhcp == 5").size(), "one lease");
    }
}
