package jkvm.host.chardev;

/** Host sides of chardevs in QEMU's words. */
final class ChardevPlace {
    private ChardevPlace() {
    }

    /**
     * A host side.
     *
     * @param isThere whether the other side of a socket is there
     * @param ptyPath the terminal side of a pseudo-terminal
     */
    static String text(ChardevSpec.Backend backend, boolean isThere, String ptyPath) {
        return switch (backend) {
            case ChardevSpec.None _, ChardevSpec.Null _ -> "null";
            case ChardevSpec.Stdio _ -> "stdio";
            case ChardevSpec.OutputFile _ -> "file";
            case ChardevSpec.Pipe _ -> "pipe";
            case ChardevSpec.HostDevice _ -> "serial";
            case ChardevSpec.Ring _ -> "ringbuf";
            case ChardevSpec.Pty _ -> "pty:" + ptyPath;
            case ChardevSpec.Udp udp -> "udp:" + udp.host() + ":" + udp.port();
            case ChardevSpec.Telnet telnet -> text(telnet.socket(), isThere, ptyPath).replace("tcp:", "telnet:");
            case ChardevSpec.UnixServer server -> socket("unix:" + server.path() + ",server=on", isThere);
            case ChardevSpec.UnixClient client -> socket("unix:" + client.path(), isThere);
            case ChardevSpec.TcpServer server -> socket("tcp:" + server.host() + ":" + server.port() + ",server=on",
                    isThere);
            case ChardevSpec.TcpClient client -> socket("tcp:" + client.host() + ":" + client.port(), isThere);
            case ChardevSpec.InheritedSocket inherited -> socket("fd:" + inherited.descriptor()
                    + (inherited.server() ? ",server=on" : ""), isThere);
        };
    }

    private static String socket(String place, boolean isThere) {
        return (isThere ? "" : "disconnected:") + place;
    }
}
