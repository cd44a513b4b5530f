package jkvm.control.vnc;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import jkvm.host.display.Picture;
import jkvm.machine.Machine;

/** A person at a VNC viewer of a machine: sees its screen and types. {@link #close()} ends viewer and server. */
public final class VncViewer implements AutoCloseable {
    public static final int ENTER = 0xFF0D;
    public static final int ALT = 0xFFE9;
    public static final int F2 = 0xFFBF;
    private static final int PIXEL_MASK = 0xFFFFFF;

    private final VncServers servers = new VncServers();
    private final Machine machine;
    private final RfbTestClient client;

    /** Opens a server for the machine's screen and keyboard, and connects to it. */
    public VncViewer(Machine machine) throws IOException {
        this.machine = machine;
        try {
            servers.open(new VncConfig("default", Optional.of(new VncAddress.Tcp("", 0, 0)), Optional.empty(), false,
                    false, Optional.empty(), VncConfig.Share.IGNORE, 8, Keymap.named(Keymap.DEFAULT).orElseThrow(),
                    "guest"), machine.display(), machine.input());
            client = RfbTestClient.open(Integer.parseInt(servers.all().getFirst().facts().places().getFirst()
                    .service()));
            client.setEncodings(RfbTestClient.RAW, RfbTestClient.DESKTOP_SIZE);
        } catch (IOException | RuntimeException e) {
            servers.close();
            throw e;
        }
    }

    /** Presses keys together, the first one longest. */
    public void press(int... keysyms) throws IOException {
        for (int keysym : keysyms) {
            client.key(keysym, true);
        }
        for (int i = keysyms.length - 1; i >= 0; i--) {
            client.key(keysyms[i], false);
        }
    }

    /** Types a line of letters that need no Shift, and Enter. */
    public void line(String text) throws IOException {
        for (char letter : text.toCharArray()) {
            press(letter);
        }
        press(ENTER);
    }

    /** Fetches the whole screen: true if it is the machine's picture, pixel by pixel. */
    public boolean seesTheScreen() throws IOException {
        client.update(false);
        Picture picture = machine.display().orElseThrow().snapshot();
        int count = picture.width() * picture.height();
        return client.width == picture.width() && client.height == picture.height()
                && Arrays.equals(Arrays.stream(client.pixels, 0, count).map(pixel -> pixel & PIXEL_MASK).toArray(),
                        Arrays.stream(picture.pixels(), 0, count).map(pixel -> pixel & PIXEL_MASK).toArray());
    }

    @Override
    public void close() throws IOException {
        client.close();
        servers.close();
    }
}
