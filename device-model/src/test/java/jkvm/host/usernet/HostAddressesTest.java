package jkvm.host.usernet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostAddressesTest {
    @TempDir
    private Path folder;

    private InetSocketAddress nameServer(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("resolv.conf"), text.replace(';', '\n'));
        return new HostAddresses(UserConfig.defaults(), file).nameServer();
    }

    @ParameterizedTest
    @CsvSource({
        "nameserver 192.0.2.1;nameserver 192.0.2.2, 192.0.2.1",
        "# nameserver 192.0.2.9;search a.b; nameserver\t192.0.2.1 , 192.0.2.1",
        "nameserver 2001:db8::1;nameserver 192.0.2.1, 192.0.2.1",
        "nameserver 2001:db8::1;options edns0, 2001:db8::1",
        "nameserver not.an.address;nameserver 192.0.2.1, 192.0.2.1",
        "search a.b, 127.0.0.1",
    })
    void shouldAskTheHostsNameServerAndRatherByIpv4(String text, String address) throws IOException {
        assertEquals(new InetSocketAddress(address, 53), nameServer(text));
    }

    @Test
    void shouldAskThisHostWhereNoNameServerIsNamed() {
        HostAddresses addresses = new HostAddresses(UserConfig.defaults(), folder.resolve("none"));
        assertEquals(new InetSocketAddress("127.0.0.1", 53), addresses.nameServer());
    }
}
