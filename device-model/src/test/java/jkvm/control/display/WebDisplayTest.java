package jkvm.control.display;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.InflaterInputStream;
import jkvm.host.input.Button;
import jkvm.host.input.InputEvent;
import jkvm.host.input.Key;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page that shows a guest's screen, as a browser asks for it. */
@Timeout(60)
class WebDisplayTest {
    private final ScreenFixture guest = new ScreenFixture();
    private final HttpClient client = HttpClient.newHttpClient();
    private WebDisplay web;

    @BeforeEach
    void open() throws IOException {
        web = new WebDisplay(guest.screen(), 0);
    }

    @AfterEach
    void close() {
        client.close();
        web.close();
        guest.close();
    }

    @Test
    void shouldSendThePictureAndThenWhatChanges() throws Exception {
        Pixels first = screen("1");
        assertEquals(100, first.width);
        assertEquals(50, first.height);
        assertEquals(0xFF123456, first.pixel);
        assertEquals(100 * 50, first.count);

        guest.colour = 0x00FF00;

        assertEquals(0xFF00FF00, screen("1").pixel);
    }

    @Test
    void shouldTellEachPageTheNewSize() throws Exception {
        screen("1");
        screen("2");

        guest.width = 320;

        assertEquals(320, screen("1").width);
        assertEquals(320, screen("2").width);
    }

    @Test
    void shouldLeadKeysAndPointerToTheGuest() throws Exception {
        screen("1");

        assertEquals(204, post("key KeyA 1\nkey KeyA 0\npoint 99 0\nbutton left 1\nwheel 1"));

        assertEquals(new InputEvent.Stroke(Key.A, true), guest.nextEvent());
        assertEquals(new InputEvent.Stroke(Key.A, false), guest.nextEvent());
        assertEquals(new InputEvent.Absolute(0x7FFF, 0), guest.nextEvent());
        assertEquals(new InputEvent.Press(Button.LEFT, true), guest.nextEvent());
        assertEquals(new InputEvent.Wheel(1), guest.nextEvent());
    }

    @Test
    void shouldPressTheSwitchesOfTheMachine() throws Exception {
        screen("1");

        post("power\nreset\nchord ctrl-alt-delete");

        assertEquals(List.of("power", "reset"), guest.switches);
        assertEquals(new InputEvent.Stroke(Key.CTRL, true), guest.nextEvent());
    }

    @Test
    void shouldShowThePageToNobodyWhoDoesNotKnowItsAddress() throws Exception {
        String root = web.address().substring(0, web.address().indexOf('/', 8));

        assertTrue(get(web.address()).body().contains("page.js"));
        assertTrue(get(web.address() + "page.js").body().contains("fetch("));
        assertEquals(404, get(root + "/").statusCode());
        assertEquals(404, get(root + "/0123456789abcdef0123456789abcdef/").statusCode());
        assertEquals(404, get(web.address() + "../../etc/passwd").statusCode());
    }

    @Test
    void shouldRefuseOtherHostsAndOtherOrigins() throws IOException {
        // THREATS 81: a page of another site that has learned the port.
        String path = URI.create(web.address()).getPath();
        int port = URI.create(web.address()).getPort();

        assertEquals("200", raw("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n\r\n"));
        assertEquals("403", raw("GET " + path + " HTTP/1.1\r\nHost: evil.example:" + port + "\r\n\r\n"));
        assertEquals("403", raw("POST " + path + "input?viewer=1 HTTP/1.1\r\nHost: 127.0.0.1:" + port
                + "\r\nOrigin: http://evil.example\r\nContent-Length: 4\r\n\r\nquit"));
        assertTrue(guest.switches.isEmpty());
    }

    @Test
    void shouldSurviveNonsense() throws Exception {
        // THREATS 78: endless bodies, numbers out of range, unknown keys, more pages than fit.
        screen("1");

        assertEquals(413, post("x".repeat(1 << 17)));
        assertEquals(204, post("key\nkey NoKey 1\npoint -5 99999999999\nbutton x 1\nwheel 999\nmove 1\n\n\0"));
        assertEquals(404, get(web.address() + "screen").statusCode());
        for (int i = 0; i < 30; i++) {
            assertEquals(100, screen(Integer.toString(100 + i)).width);
        }
    }

    private record Pixels(int width, int height, int pixel, int count) {
    }

    private Pixels screen(String viewer) throws Exception {
        URI address = URI.create(web.address() + "screen?viewer=" + viewer);
        HttpResponse<byte[]> answer = client.send(HttpRequest.newBuilder(address).build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertEquals(200, answer.statusCode());
        DataInputStream data = new DataInputStream(new InflaterInputStream(new ByteArrayInputStream(answer.body())));
        int width = data.readUnsignedShort();
        int height = data.readUnsignedShort();
        int count = 0;
        int pixel = 0;
        for (int parts = data.readUnsignedShort(); parts > 0; parts--) {
            data.readInt();
            int pixels = data.readUnsignedShort() * data.readUnsignedShort();
            byte[] part = data.readNBytes(pixels * 4);
            pixel = Integer.rotateRight(ByteBuffer.wrap(part).getInt(), 8);
            count += pixels;
        }
        assertEquals(-1, data.read());
        return new Pixels(width, height, pixel, count);
    }

    private int post(String lines) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(web.address() + "input?viewer=1"))
                .POST(HttpRequest.BodyPublishers.ofString(lines)).build(),
                HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private HttpResponse<String> get(String address) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), URI.create(web.address()).getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            byte[] start = socket.getInputStream().readNBytes(12);
            return new String(start, StandardCharsets.US_ASCII).substring(9);
        }
    }
}
