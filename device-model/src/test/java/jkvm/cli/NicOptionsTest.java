package jkvm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import jkvm.bus.ConfigurationException;
import jkvm.machine.DeviceConfig;
import jkvm.net.NetdevSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NicOptionsTest {

    private static List<DeviceConfig> devices(String line) {
        return QemuOptions.parse(List.of(("-kernel k " + line).split(" "))).devices();
    }

    private static DeviceConfig.E1000 nic(String line) {
        return (DeviceConfig.E1000) devices(line).getFirst();
    }

    @Test
    void shouldMakeACardAndItsNetworkInOneOption() {
        DeviceConfig.E1000 nic = nic("-nic user,model=e1000,restrict=on");
        assertEquals(0x525400123456L, nic.mac());
        assertTrue(((NetdevSpec.User) nic.netdev().orElseThrow().backend()).config().restrict());
        assertEquals(List.of(), devices("-nic none -net none"));
    }

    @Test
    void shouldJoinADeviceWithANetworkThatComesLater() {
        DeviceConfig.E1000 nic = nic("-device e1000,netdev=n0,mac=52:54:0:1:2:ff -netdev user,id=n0");
        assertEquals(0x5254000102FFL, nic.mac());
        assertEquals("n0", nic.netdev().orElseThrow().id());
    }

    @Test
    void shouldGiveEachCardAnAddressOfItsOwnAndPutThoseOfNicFirst() {
        List<DeviceConfig> all = devices("-device e1000 -nic user -nic user");
        assertEquals(List.of(0x525400123457L, 0x525400123458L, 0x525400123456L),
                all.stream().map(device -> ((DeviceConfig.E1000) device).mac()).toList());
        assertEquals(Optional.empty(), ((DeviceConfig.E1000) all.get(2)).netdev());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "-nic user,model=rtl8139 | jkvm has no such network card",
        "-device e1000,netdev=n1 -netdev user,id=n0 | there is no -netdev with id=n1",
        "-device e1000,netdev=n -device e1000,netdev=n -netdev user,id=n | has a card already",
        "-device e1000,mac=1 | not a MAC address",
    })
    void shouldSayWhatIsWrong(String line, String message) {
        String text = assertThrows(ConfigurationException.class, () -> devices(line)).getMessage();
        assertTrue(text.contains(message), text);
    }
}
