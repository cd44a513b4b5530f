package jkvm.control.display;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/**
 * Shows the screen in a page of a browser on this computer ({@code -display web}). The server listens on 127.0.0.1
 * only. The page's address has a secret in it, which pages of others and other users do not know; requests that name
 * another host or come from another page are refused.
 */
public final class WebDisplay implements AutoCloseable {
    private static final int SECRET_BYTES = 16;
    private static final int MAX_VIEWERS = 8;
    private static final int MAX_REQUESTS = 64;
    private static final int MAX_BODY = 1 << 16;
    private static final int MAX_ID_LENGTH = 20;
    private static final long WAIT_MILLIS = 20_000;
    private static final int OK = 200;
    private static final int NO_CONTENT = 204;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int TOO_LARGE = 413;
    private static final int BUSY = 503;
    private static final String ASKS_FOR_SCREEN = "screen";
    private static final String VIEWER_PARAMETER = "viewer=";

    private final GuestScreen screen;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore room = new Semaphore(MAX_REQUESTS);
    private final byte[] secret;
    private final WebInput input;
    /** By the number that the page has given itself, the one that was made first at first. Guarded by itself. */
    private final Map<String, WebViewer> viewers = new LinkedHashMap<>();

    /**
     * Opens the port.
     *
     * @param port 0 for any that is free
     * @throws IOException if the port is in use
     */
    public WebDisplay(GuestScreen screen, int port) throws IOException {
        this.screen = screen;
        input = new WebInput(screen);
        byte[] random = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(random);
        secret = HexFormat.of().formatHex(random).getBytes(StandardCharsets.US_ASCII);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), 0);
        server.createContext("/", this::serve);
        server.setExecutor(threads);
        server.start();
    }

    /** The page's address, with the secret. */
    public String address() {
        return "http://127.0.0.1:" + port() + "/" + new String(secret, StandardCharsets.US_ASCII) + "/";
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!room.tryAcquire()) {
                answer(exchange, BUSY);
                return;
            }
            try {
                answer(exchange, isAllowed(exchange) ? route(exchange) : FORBIDDEN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                room.release();
            }
        }
    }

    private static void answer(HttpExchange exchange, int status) throws IOException {
        if (exchange.getResponseCode() < 0) {
            exchange.sendResponseHeaders(status, -1);
        }
    }

    /** A page of another site could reach this server by a name of its own, or send a form to it. */
    private boolean isAllowed(HttpExchange exchange) {
        Headers headers = exchange.getRequestHeaders();
        List<String> hosts = List.of("127.0.0.1:" + port(), "localhost:" + port());
        String origin = headers.getFirst("Origin");
        return hosts.contains(headers.getFirst("Host"))
                && (origin == null || hosts.stream().anyMatch(host -> origin.equals("http://" + host)));
    }

    /** @return the status, where it is not sent yet */
    private int route(HttpExchange exchange) throws IOException, InterruptedException {
        String[] words = exchange.getRequestURI().getPath().split("/", -1);
        if (words.length != 3 || !MessageDigest.isEqual(words[1].getBytes(StandardCharsets.UTF_8), secret)) {
            return NOT_FOUND;
        }
        boolean isPost = exchange.getRequestMethod().equals("POST");
        return switch (words[2]) {
            case "" -> send(exchange, "page.html", "text/html; charset=utf-8");
            case "page.js" -> send(exchange, "page.js", "text/javascript; charset=utf-8");
            case ASKS_FOR_SCREEN -> sendScreen(exchange);
            case "input" -> isPost ? take(exchange) : NOT_FOUND;
            default -> NOT_FOUND;
        };
    }

    private static int send(HttpExchange exchange, String resource, String type) throws IOException {
        try (InputStream in = WebDisplay.class.getResourceAsStream(resource)) {
            byte[] content = in.readAllBytes();
            setHeaders(exchange, type);
            exchange.sendResponseHeaders(OK, content.length);
            exchange.getResponseBody().write(content);
        }
        return OK;
    }

    private static void setHeaders(HttpExchange exchange, String type) {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type);
        headers.set("Cache-Control", "no-store");
        headers.set("Content-Security-Policy", "default-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("X-Content-Type-Options", "nosniff");
    }

    private int sendScreen(HttpExchange exchange) throws IOException, InterruptedException {
        String id = viewerId(exchange);
        if (id.isEmpty()) {
            return NOT_FOUND;
        }
        WebViewer viewer = viewer(id);
        viewer.await(WAIT_MILLIS);
        setHeaders(exchange, "application/octet-stream");
        exchange.getResponseHeaders().set("Content-Encoding", "deflate");
        exchange.sendResponseHeaders(OK, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            viewer.write(out);
        }
        return OK;
    }

    private static String viewerId(HttpExchange exchange) {
        String query = exchange.getRequestURI().getQuery();
        boolean isId = query != null && query.startsWith(VIEWER_PARAMETER) && query.length() <= MAX_ID_LENGTH;
        return isId ? query.substring(VIEWER_PARAMETER.length()) : "";
    }

    private WebViewer viewer(String id) {
        WebViewer viewer;
        synchronized (viewers) {
            viewer = viewers.get(id);
            if (viewer != null) {
                return viewer;
            }
            viewer = new WebViewer(screen);
            viewers.put(id, viewer);
            if (viewers.size() > MAX_VIEWERS) {
                dropOldest();
            }
        }
        screen.display().attach(viewer);
        return viewer;
    }

    private void dropOldest() {
        Map.Entry<String, WebViewer> oldest = null;
        for (Map.Entry<String, WebViewer> entry : viewers.entrySet()) {
            if (oldest == null || entry.getValue().lastAsked() < oldest.getValue().lastAsked()) {
                oldest = entry;
            }
        }
        if (oldest != null) {
            viewers.remove(oldest.getKey()).close();
        }
    }

    private int take(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
        if (body.length > MAX_BODY) {
            return TOO_LARGE;
        }
        String id = viewerId(exchange);
        WebViewer viewer;
        synchronized (viewers) {
            viewer = viewers.get(id);
        }
        if (viewer == null) {
            return NOT_FOUND;
        }
        input.take(new String(body, StandardCharsets.UTF_8), viewer);
        return NO_CONTENT;
    }

    /** Ends the server; pages keep the last picture. */
    @Override
    public void close() {
        server.stop(0);
        synchronized (viewers) {
            viewers.values().forEach(WebViewer::close);
            viewers.clear();
        }
        threads.shutdownNow();
    }
}
