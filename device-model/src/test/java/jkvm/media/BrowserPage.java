package jkvm.media;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import jkvm.json.Json;
import jkvm.json.JsonException;
import jkvm.json.JsonReader;

/** A page in Debian's Chromium without a window, steered by its DevTools protocol. */
public final class BrowserPage implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;
    private static final long POLL_MILLIS = 100;

    private final Process browser;
    private final HttpClient http = HttpClient.newHttpClient();
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private final WebSocket socket;
    private int lastId;

    /**
     * Starts the browser with an empty page.
     *
     * @param folder for its profile
     */
    public BrowserPage(Path folder) throws Exception {
        browser = new ProcessBuilder("chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
                "--remote-debugging-port=0", "--user-data-dir=" + folder.resolve("profile"), "about:blank")
                .redirectErrorStream(true).redirectOutput(folder.resolve("chromium.log").toFile()).start();
        try {
            socket = http.newWebSocketBuilder().buildAsync(URI.create(pageSocket(folder)), new Answers())
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            browser.destroyForcibly();
            throw e;
        }
    }

    private String pageSocket(Path folder) throws Exception {
        Path file = folder.resolve("profile/DevToolsActivePort");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.exists(file) || Files.readAllLines(file).size() < 2) {
            assertTrue(System.nanoTime() < end && browser.isAlive(), "the browser starts");
            Thread.sleep(POLL_MILLIS);
        }
        URI list = URI.create("http://127.0.0.1:" + Files.readAllLines(file).getFirst() + "/json/list");
        while (true) {
            String pages = http.send(HttpRequest.newBuilder(list).build(), HttpResponse.BodyHandlers.ofString()).body();
            for (Json page : ((Json.Items) JsonReader.read(pages)).values()) {
                if (text(page, "type").equals("page")) {
                    return text(page, "webSocketDebuggerUrl");
                }
            }
            assertTrue(System.nanoTime() < end, "the browser has a page");
            Thread.sleep(POLL_MILLIS);
        }
    }

    private static String text(Json object, String member) {
        return ((Json.Text) ((Json.Members) object).values().get(member)).value();
    }

    /** Puts the parts of messages together. */
    private final class Answers implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean isLast) {
            message.append(data);
            if (isLast) {
                answers.add(message.toString());
                message.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    private Json.Members ask(String method, Json.Members parameters) throws IOException, InterruptedException {
        int id = ++lastId;
        socket.sendText(Json.Members.empty().with("id", id).with("method", method).with("params", parameters).line(),
                true);
        while (true) {
            String answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertTrue(answer != null, method);
            try {
                Json.Members members = (Json.Members) JsonReader.read(answer);
                if (members.values().get("id") instanceof Json.Whole whole && whole.value() == id) {
                    return members;
                }
            } catch (JsonException e) {
                throw new IOException(e);
            }
        }
    }

    /** Goes to an address. */
    public void open(String address) throws IOException, InterruptedException {
        ask("Page.navigate", Json.Members.empty().with("url", address));
    }

    /** Evaluates an expression of JavaScript whose value is a text. Empty if it has failed. */
    public String evaluate(String expression) throws IOException, InterruptedException {
        Json.Members answer = ask("Runtime.evaluate", Json.Members.empty().with("expression", expression));
        Json.Members result = (Json.Members) answer.values().get("result");
        Json.Members value = (Json.Members) result.values().get("result");
        return value.values().get("value") instanceof Json.Text text ? text.value() : "";
    }

    /** Presses the left button and lets it go. */
    public void click(int x, int y) throws IOException, InterruptedException {
        for (String type : new String[] {"mousePressed", "mouseReleased"}) {
            ask("Input.dispatchMouseEvent", Json.Members.empty().with("type", type).with("x", x).with("y", y)
                    .with("button", "left").with("clickCount", 1));
        }
    }

    /**
     * Presses a key and lets it go.
     *
     * @param name   as JavaScript has it, which is its code too
     * @param number Windows' of the key
     */
    public void press(String name, int number) throws IOException, InterruptedException {
        for (String type : new String[] {"rawKeyDown", "keyUp"}) {
            ask("Input.dispatchKeyEvent", Json.Members.empty().with("type", type).with("key", name).with("code", name)
                    .with("windowsVirtualKeyCode", number));
        }
    }

    /** A picture of the page. */
    public void screenshot(Path file) throws IOException, InterruptedException {
        Json.Members answer = ask("Page.captureScreenshot", Json.Members.empty().with("format", "png"));
        Files.write(file, Base64.getDecoder().decode(text(answer.values().get("result"), "data")));
    }

    @Override
    public void close() {
        socket.abort();
        http.shutdownNow();
        browser.destroy();
        try {
            if (!browser.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                browser.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
