package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.host.net.DumpSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.host.netdev.NicSpec;
import jkvm.host.usernet.UserConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetOptionsTest {
    private NetOptions options = new NetOptions();

    private UserConfig user(String properties) {
        return assertInstanceOf(NetdevSpec.User.class, options.netdev("user,id=n" + properties).backend()).config();
    }

    @Test
    void shouldMeanQemusNetworkByUserAlone() {
        assertEquals(UserConfig.defaults(), user(""));
    }

    @Test
    void shouldReadAllOfAUserNetwork(@TempDir Path folder) {
        UserConfig config = user(",net=192.168.7.0/24,host=192.168.7.1,dhcpstart=192.168.7.50,restrict=on,ipv6=off,"
                + "hostname=box,domainname=example.org,dnssearch=a,dnssearch=b.c,bootfile=http://x/a,,b,tftp=" + folder
                + ",hostfwd=tcp::2222-:22,hostfwd=udp:127.0.0.1:5353-192.168.7.51:53");
        assertEquals(0xc0a80700, config.network());
        assertEquals(0xc0a80701, config.host());
        assertEquals(0xc0a80703, config.dns());
        assertEquals(0xc0a80732, config.dhcpStart());
        assertTrue(config.restrict() && config.ipv4() && !config.ipv6());
        assertEquals(Optional.of("http://x/a,b"), config.bootFile());
        assertEquals(List.of("a", "b.c"), config.dnsSearch());
        assertEquals(Optional.of(folder), config.tftp());
        assertEquals(2, config.forwards().size());
        UserConfig.Forward ssh = config.forwards().getFirst();
        assertTrue(!ssh.udp() && ssh.hostPort() == 2222 && ssh.guestPort() == 22 && ssh.hostAddress().isEmpty()
                && ssh.guestAddress().isEmpty());
        UserConfig.Forward dns = config.forwards().getLast();
        assertTrue(dns.udp() && dns.hostAddress().isPresent() && dns.guestAddress().isPresent());
    }

    @Test
    void shouldChooseQemusAddressesInOtherNetworks() {
        UserConfig wide = user(",net=10.1.0.0/16,ipv6-prefix=fec0::,ipv6-prefixlen=64,ipv6-host=fec0::2");
        assertEquals(List.of(0x0a010202, 0x0a010203, 0x0a01020f), List.of(wide.host(), wide.dns(), wide.dhcpStart()));
        options = new NetOptions();
        UserConfig small = user(",net=192.168.7.32/27");
        assertEquals(List.of(0xc0a80722, 0xc0a80723, 0xc0a8072f),
                List.of(small.host(), small.dns(), small.dhcpStart()));
        options = new NetOptions();
        assertEquals(0x08080808, user(",dns=8.8.8.8").dns());
    }

    @ParameterizedTest
    @CsvSource({"10.9.9.0, ff000000", "172.17.0.0, fff00000", "172.64.0.0, ffff0000", "192.168.3.0, ffff0000",
            "198.18.0.0, fffe0000", "193.1.1.0, ffffff00"})
    void shouldKnowANetworksUsualMask(String network, String mask) {
        assertEquals(mask, Integer.toHexString(user(",net=" + network).mask()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ' ', value = {"ipv4=on true false", "ipv6=on false true", "ipv4=off false true",
            "ipv6=off true false", "ipv4=on,ipv6=on true true"})
    void shouldSwitchTheOtherProtocolOffWithOneThatIsAskedFor(String options, boolean ipv4, boolean ipv6) {
        UserConfig config = user("," + options);
        assertEquals(ipv4, config.ipv4());
        assertEquals(ipv6, config.ipv6());
    }

    @Test
    void shouldReadTapAndSocket() {
        assertEquals(new NetdevSpec("t", new NetdevSpec.Tap("tap0")),
                options.netdev("tap,id=t,ifname=tap0,script=no,downscript=no,vhost=off"));
        NetdevSpec.SocketListen listen = assertInstanceOf(NetdevSpec.SocketListen.class,
                options.netdev("socket,id=a,listen=:1234").backend());
        assertEquals(1234, listen.address().getPort());
        assertTrue(listen.address().getAddress().isAnyLocalAddress());
        NetdevSpec.SocketConnect connect = assertInstanceOf(NetdevSpec.SocketConnect.class,
                options.netdev("socket,id=b,connect=127.0.0.1:1234").backend());
        assertTrue(connect.address().getAddress().isLoopbackAddress());
    }

    @Test
    void shouldReadNicsWithTheirBackend() {
        NicSpec nic = options.nic("user,model=e1000,mac=52:54:00:12:34:56,hostfwd=tcp::8080-:80").orElseThrow();
        assertEquals(Optional.of("e1000"), nic.model());
        assertEquals(Optional.of(0x525400123456L), nic.mac());
        assertInstanceOf(NetdevSpec.User.class, nic.netdev().backend());
        assertTrue(options.nic("none").isEmpty());
        NicSpec second = options.nic("tap,ifname=tap1").orElseThrow();
        assertTrue(!second.netdev().id().equals(nic.netdev().id()) && second.model().isEmpty());
    }

    @Test
    void shouldFindWhatADeviceNames() {
        NetdevSpec spec = options.netdev("user,id=net0");
        assertSame(spec, options.find("-device e1000", "net0"));
        String message = assertThrows(UsageException.class, () -> options.find("-device e1000", "net1"))
                .getMessage();
        assertTrue(message.contains("net1") && message.contains("did you mean net0?"), message);
    }

    @Test
    void shouldReadCaptures() {
        assertEquals(new DumpSpec("f0", "net0", Path.of("a,b.pcap"), 65536),
                options.object("filter-dump,id=f0,netdev=net0,file=a,,b.pcap"));
        assertEquals(96, options.object("qom-type=filter-dump,id=f1,netdev=net0,file=a,maxlen=96").maxLength());
        assertEquals(Integer.MAX_VALUE,
                options.object("filter-dump,id=f2,netdev=net0,file=a,maxlen=0xffffffff").maxLength());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            filter-dump,id=f,netdev=net0                    | file is missing
            filter-dump,id=f,file=a                         | netdev is missing
            filter-dump,netdev=net0,file=a                  | id=NAME
            filter-dump,id=1,netdev=net0,file=a             | property id expects an identifier
            filter-dump,id=f,netdev=n,file=a,maxlen=0       | maxlen must be from 1
            filter-dump,id=f,netdev=n,file=a,queue=rx       | only queue=all is supported
            filter-dump,id=taken,netdev=n,file=a            | the id taken is in use already
            filter-dumb,id=f,netdev=n,file=a                | did you mean filter-dump?
            rng-random,id=rng0,filename=/dev/urandom        | jkvm has no object rng-random
            """)
    void shouldSayWhatIsWrongWithAnObject(String text, String part) {
        options.object("filter-dump,id=taken,netdev=n,file=b");
        String message = assertThrows(UsageException.class, () -> options.object(text)).getMessage();
        assertTrue(message.startsWith("-object " + text) && message.contains(part), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            user                                  | id=NAME
            usr,id=a                              | did you mean user?
            bridge,id=a                           | unknown network bridge
            user,id=a,hostfwd=tcp:80-:80          | hostfwd is not PROTOCOL
            id=a                                  | begin with the kind of network: user, tap, socket
            user,id=a,hostfwd=tcp::80-:0          | hostfwd=tcp::80-:0: not a port: 0
            user,id=a,hostfwd=tcp::70000-:80      | hostfwd=tcp::70000-:80: not a port: 70000
            user,id=a,hostfwd                     | hostfwd needs a value
            user,id=a,hostfw=tcp::80-:80          | did you mean hostfwd?
            user,id=a,colour=red                  | unknown property colour; there are hostfwd, dnssearch, id,
            user,id=a,model=e1000                 | model: it belongs to the card: -device e1000,netdev=ID
            user,id=a,mac=52:54:00:12:34:56       | mac: it belongs to the card
            user,id=a,tftp=                       | tftp is empty; name a folder
            user,id=a,hostfwd=tcp:300.0.0.1:1-:80 | not an IPv4 address
            user,id=a,net=10.0.2.0/33             | use a prefix
            user,id=a,net=10.0.2.0/255.0.255.0    | use a prefix
            user,id=a,host=10.0.3.2               | host is not within the network
            user,id=a,dns=10.0.2.2                | must differ
            user,id=a,ipv4=off,ipv6=off           | leave nothing
            user,id=a,smb=/tmp                    | jkvm does not have it
            user,id=a,tftp=/no/such/folder        | is not a folder
            user,id=a,hostnam=x                   | did you mean hostname?
            tap,id=a,hostfwd=tcp::1-:1            | for user networks only
            tap,id=a,vhost=on                     | only vhost=off is supported
            tap,id=a,fd=3                         | opens the interface itself
            user,id=a,ipv6-prefix=fd00::          | only ipv6-prefix=fec0:: is supported
            user,id=a,restrict=on,dns=9.9.9.9     | dns is not within the network
            user,id=a,net=10.0.2.0/28             | use a prefix
            tap,id=a,ifname=averyverylongname     | up to 15
            socket,id=a                           | one of listen
            socket,id=a,listen=here               | not a port: here
            socket,id=a,listen=:1,connect=:2      | one of listen
            socket,id=a,mcast=230.0.0.1:1234      | listen= and connect= only
            """)
    void shouldSayWhatIsWrong(String text, String part) {
        String message = assertThrows(UsageException.class, () -> options.netdev(text)).getMessage();
        assertTrue(message.startsWith("-netdev " + text.split(",")[0]) && message.contains(part), message);
    }

    @ParameterizedTest
    @CsvSource({"52:54:00:12:34, not a MAC address", "53:54:00:12:34:56, multicast"})
    void shouldRefuseWrongMacAddresses(String mac, String part) {
        String message = assertThrows(UsageException.class, () -> options.nic("user,mac=" + mac)).getMessage();
        assertTrue(message.contains(part), message);
    }
}
