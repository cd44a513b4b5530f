package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import jkvm.device.board.Bus;
import jkvm.device.e1000.E1000Type;
import jkvm.device.virtio.net.NetFeature;
import jkvm.device.virtio.net.NetSettings;
import jkvm.device.virtio.net.VirtioNetType;
import jkvm.host.net.DumpSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.netdev.NetdevSpec.HubPort;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.DeviceTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NicOptionsTest {
    private static final long FIRST_MAC = 0x525400123456L;

    private static List<DeviceConfig> devices(String line) {
        return QemuOptions.parse(List.of(("-kernel k -nodefaults " + line).split(" ")),
                DeviceTypes.builtIn()).machine().devices();
    }

    private static DeviceConfig nic(String line) {
        DeviceConfig nic = devices(line).getFirst();
        assertEquals(E1000Type.TYPE, nic.type());
        return nic;
    }

    private static DeviceConfig virtio(String line) {
        DeviceConfig nic = devices(line).getFirst();
        assertInstanceOf(VirtioNetType.class, nic.type());
        return nic;
    }

    @Test
    void shouldMakeACardAndItsNetworkInOneOption() {
        DeviceConfig nic = nic("-nic user,model=e1000,restrict=on");
        assertEquals(0x525400123456L, nic.properties().get(E1000Type.MAC));
        assertTrue(((NetdevSpec.User) nic.properties().get(E1000Type.NETDEV).backend()).config().restrict());
        assertEquals(List.of(), devices("-nic none -net none"));
    }

    @Test
    void shouldPairTheCardAndTheNetworkOfTheOlderOptions() {
        for (String line : new String[] {"-net nic,model=e1000,macaddr=52:54:0:1:2:ff -net user,restrict=on",
                "-net user,restrict=on -net nic,macaddr=52:54:0:1:2:ff"}) {
            DeviceConfig nic = nic(line);
            assertEquals(0x5254000102FFL, nic.properties().get(E1000Type.MAC));
            assertTrue(((NetdevSpec.User) nic.properties().get(E1000Type.NETDEV).backend()).config().restrict());
        }
        assertEquals("n0", nic("-net nic,netdev=n0 -netdev user,id=n0").properties().get(E1000Type.NETDEV).id());
        assertInstanceOf(VirtioNetType.class, devices("-net nic,model=virtio -net user").getFirst().type());
    }

    @Test
    void shouldSayWhatTheOlderOptionsLack() {
        assertEquals(Optional.empty(), nic("-net nic").properties().find(E1000Type.NETDEV));
        assertEquals(List.of("hub 0 is not connected to host network; add -net user"), warnings("-net nic"));
        assertEquals(List.of("hub 0 with no nics; add -net nic"), warnings("-net user"));
        assertEquals(List.of(), warnings("-net nic -net user -net none"));
    }

    @Test
    void shouldJoinSeveralCardsAndNetworksInAHub() {
        List<DeviceConfig> older = devices("-net nic -net nic -net user,id=u -net socket,listen=:4711");
        List<DeviceConfig> ports = devices("-netdev hubport,id=a,hubid=3 -device e1000,netdev=a -nic hubport,hubid=3"
                + " -netdev hubport,id=b,hubid=3,netdev=u -netdev user,id=u");

        assertEquals(2, older.size());
        for (DeviceConfig card : older) {
            HubPort port = hubPort(card);
            assertEquals(0, port.hub());
            assertEquals(List.of("u", "#net1"), port.networks().stream().map(NetdevSpec::id).toList());
        }
        assertEquals(2, ports.size());
        for (DeviceConfig card : ports) {
            assertEquals(3, hubPort(card).hub());
            assertEquals(List.of("u"), hubPort(card).networks().stream().map(NetdevSpec::id).toList());
        }
    }

    private static HubPort hubPort(DeviceConfig card) {
        return assertInstanceOf(HubPort.class, card.properties().get(E1000Type.NETDEV).backend());
    }

    @Test
    void shouldSayWhatAHubLacks() {
        assertEquals(List.of("hub 0 is not connected to host network"),
                warnings("-netdev hubport,id=h,hubid=0 -device e1000,netdev=h"));
        assertEquals(List.of("hub 1 with no nics"),
                warnings("-netdev hubport,id=h,hubid=1,netdev=u -netdev user,id=u"));
        assertEquals(List.of("hub 0 is not connected to host network; add -net user"), warnings("-net nic -net nic"));
        assertEquals(List.of(), warnings("-net nic -net nic -net user"));
    }

    private static List<String> warnings(String line) {
        return QemuOptions.parse(List.of(("-kernel k -nodefaults " + line).split(" ")), DeviceTypes.builtIn())
                .warnings();
    }

    @Test
    void shouldJoinADeviceWithANetworkThatComesLater() {
        DeviceConfig nic = nic("-device e1000,netdev=n0,mac=52:54:0:1:2:ff -netdev user,id=n0");
        assertEquals(0x5254000102FFL, nic.properties().get(E1000Type.MAC));
        assertEquals("n0", nic.properties().get(E1000Type.NETDEV).id());
    }

    @Test
    void shouldGiveEachCardAnAddressOfItsOwnAndPutThoseOfNicFirst() {
        List<DeviceConfig> all = devices("-device e1000 -nic user -nic user");
        assertEquals(List.of(0x525400123457L, 0x525400123458L, 0x525400123456L),
                all.stream().map(device -> device.properties().get(E1000Type.MAC)).toList());
        assertEquals(Optional.empty(), all.get(2).properties().find(E1000Type.NETDEV));
    }

    @Test
    void shouldWarnOfANetworkThatNoCardIsOn() {
        String line = "-kernel k -netdev user,id=n0 -nic user,id=n1 -netdev user,id=n2 -device e1000,netdev=n2";
        assertEquals(List.of("-netdev id=n0: no card is on this network; add -device e1000,netdev=n0"),
                QemuOptions.parse(List.of(line.split(" ")), DeviceTypes.builtIn()).warnings());
    }

    @Test
    void shouldCaptureTheNetworksOfNicsAndOfDevices() {
        String captures = "-object filter-dump,id=f0,netdev=n0,file=a -object filter-dump,id=f1,netdev=n1,file=b"
                + " -object filter-dump,id=f2,netdev=n0,file=c ";
        String cards = "-nic user,id=n0 -netdev user,id=n1 -device e1000,netdev=n1 -nic user";
        List<List<String>> ids = devices(captures + cards).stream()
                .map(device -> device.properties().get(E1000Type.NETDEV).captures().stream()
                        .map(DumpSpec::id).toList()).toList();
        assertEquals(List.of(List.of("f0", "f2"), List.of(), List.of("f1")), ids);
    }

    @ParameterizedTest
    @ValueSource(strings = {"virtio", "virtio-net", "virtio-net-pci", "virtio-net-device"})
    void shouldMakeAVirtioCard(String model) {
        DeviceConfig nic = virtio("-nic user,model=" + model + ",mac=52:54:0:1:2:3");
        assertEquals(0x525400010203L, nic.properties().get(VirtioNetType.MAC));
        assertEquals(!model.endsWith("device"), nic.type().bus() == Bus.PCI);
        assertEquals(-1, VirtioNetType.settings(nic.properties()).features());
        nic = virtio("-device " + model.replaceFirst("virtio$", "virtio-net-pci") + ",netdev=n -netdev user,id=n");
        assertEquals(FIRST_MAC, nic.properties().get(VirtioNetType.MAC));
        assertEquals("n", nic.properties().get(VirtioNetType.NETDEV).id());
    }

    @Test
    void shouldReadTheSettingsOfAVirtioCard() {
        NetSettings settings = VirtioNetType.settings(virtio("-device virtio-net-pci,host_mtu=9000,"
                + "rx_queue_size=1024,tx_queue_size=512,csum=off,guest_csum=off,host_tso4=off,"
                + "host_tso6=off,guest_tso4=off,guest_tso6=off,mrg_rxbuf=off,ctrl_vq=off,status=off,gso=off,mq=off")
                .properties());
        assertEquals(9000, settings.mtu());
        assertEquals(1024, settings.receiveQueueSize());
        assertEquals(512, settings.transmitQueueSize());
        List<NetFeature> left = Arrays.stream(NetFeature.values())
                .filter(feature -> (settings.features() & feature.bit()) != 0).toList();
        assertEquals(List.of(NetFeature.CTRL_GUEST_OFFLOADS, NetFeature.MTU, NetFeature.MAC, NetFeature.GUEST_ECN,
                NetFeature.HOST_ECN, NetFeature.CTRL_RX, NetFeature.CTRL_VLAN, NetFeature.CTRL_RX_EXTRA,
                NetFeature.CTRL_MAC_ADDR), left);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-device virtio-net-pci,mq=on | only mq=off is supported",
        "-device virtio-net-pci,speed=1000 | unknown property speed",
        "-device virtio-net-pci,host_mtu=67 | must be from 68",
        "-device virtio-net-pci,host_mtu=65536 | must be from 0 to 65535",
        "-device virtio-net-pci,rx_queue_size=128 | must be from 256 to 1024",
        "-device virtio-net-pci,tx_queue_size=300 | must be a power of two",
        "-device virtio-net-pci,csum=maybe | property csum is on or off",
        "-device virtio-net-pci,netdev=n | there is no -netdev with id=n",
        "-nic user,model=rtl8139 | not yet: -nic model=rtl8139: jkvm has no such device",
        "-nic user,model=rtl8193 | jkvm has no such network card; it has e1000, virtio-net-pci, virtio-net-pci-trans",
        "-nic user,model=virtio-net-pcj | did you mean virtio-net-pci?",
        "-nic user,model=e1001 | virtio-net-device; did you mean e1000?",
        "-nic model=e1000 | begin with the kind of network: user, tap, socket, hubport, none",
        "-device e1000,netdev=n1 -netdev user,id=n0 | there is no -netdev with id=n1",
        "-device e1000,netdev=n -device e1000,netdev=n -netdev user,id=n | has a card already",
        "-device e1000,netdev=n -nic user,id=n | has a card already",
        "-object filter-dump,id=f,netdev=net1,file=a -nic user,id=net0 | with id=net1; did you mean net0?",
        "-object filter-dump,id=f,netdev=n0,file=a -netdev user,id=n0 | netdev n0 has no card",
        "-net foo                           | unknown network foo",
        "-net nic,model=foo                 | jkvm has no such network card; it has e1000",
        "-net nic,vlan=1                    | unknown property vlan",
        "-net nic,netdev=x                  | there is no -netdev with id=x",
        "-netdev hubport,id=h               | property hubid is missing",
        "-nic hubport                       | property hubid is missing",
        "-netdev hubport,id=h,hubid=0,netdev=x -device e1000,netdev=h | there is no -netdev with id=h",
        "-netdev hubport,id=h,hubid=0,netdev=x -netdev hubport,id=i,hubid=0 -device e1000,netdev=i | with id=x",
        "-netdev hubport,id=h,hubid=0,netdev=u -netdev user,id=u -device e1000,netdev=u | plugged into a hub",
        "-device e1000,mac=1 | not a MAC address",
    })
    void shouldSayWhatIsWrong(String line, String message) {
        String text = assertThrows(UsageException.class, () -> devices(line)).getMessage();
        assertTrue(text.contains(message), text);
    }
}
