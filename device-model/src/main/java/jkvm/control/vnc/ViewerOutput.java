package jkvm.control.vnc;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jkvm.host.display.DisplayHub;
import jkvm.host.display.Rectangle;
import jkvm.host.display.Viewer;
import jkvm.host.input.InputHub;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * All that one viewer gets after the handshake. It notes which tiles have changed, and sends them on its own thread
 * when the viewer asks and takes them: one that is slow gets fewer pictures, and holds nobody up.
 *
 * <p>Lock: this object's, around what is noted. The thread alone has the encoders and the copy of the picture.
 */
final class ViewerOutput implements Viewer, AutoCloseable {
    private static final int FLUSH_SIZE = 32 * 1024;
    /** Fewer rows of changed tiles are not looked through for text that moves. */
    private static final int MIN_MOVED_ROWS = 4;

    /** The message about the screen's size that is due. */
    private enum SizeAnswer { NONE, TELL, REFUSE }

    private final DisplayHub display;
    private final InputHub input;
    private final Wire wire;
    private final Runnable end;
    private final Runnable inputListener = this::inputChanged;
    private Worker worker;

    /** Guarded by this, down to the blank line. The size of the guest's picture, and that which the viewer knows. */
    private int pictureWidth;
    private int pictureHeight;
    private int width;
    private int height;
    private boolean isResized;
    private TileSet dirty = new TileSet(0, 0);
    /** Those of {@link #dirty} to be sent even if the viewer has them. */
    private TileSet forced = new TileSet(0, 0);
    /** The tiles that the viewer asks for; empty while it does not. */
    private TileSet wanted = new TileSet(0, 0);
    private PixelFormat format = PixelFormat.SERVER;
    private boolean isColourMapDue;
    private Encodings encodings = Encodings.NONE;
    private SizeAnswer sizeAnswer = SizeAnswer.NONE;
    private boolean areKeysConfirmed;
    private boolean isInputDue;
    private boolean isClosed;
    private boolean isUnblocked;

    /** For the thread alone. */
    private final ClientPicture picture = new ClientPicture();
    private final Map<Integer, Encoder> encoders = new HashMap<>();
    private final ByteWriter out = new ByteWriter();
    private PixelWriter pixels = new PixelWriter(PixelFormat.SERVER);
    private PixelFormat pixelsFormat = PixelFormat.SERVER;
    private boolean copiesRows;
    private volatile long writingSince;
    private int lights = -1;
    private int pointerKind = -1;

    /** @param end called when the viewer does not take what it is sent */
    ViewerOutput(DisplayHub display, InputHub input, Wire wire, Runnable end) {
        this.display = display;
        this.input = input;
        this.wire = wire;
        this.end = end;
    }

    /** Begins to look at the screen; {@link #width} and {@link #height} are known then. */
    void attach() {
        display.attach(this);
        synchronized (this) {
            width = Math.max(1, pictureWidth);
            height = Math.max(1, pictureHeight);
            begin();
        }
    }

    /** The handshake is over: the viewer gets what it asks for. */
    synchronized void start(Workers workers) {
        input.addListener(inputListener);
        worker = workers.waiting("vnc-viewer", this::round, this::unblock);
    }

    synchronized int width() {
        return width;
    }

    synchronized int height() {
        return height;
    }

    /** When the thread began to wait for the viewer to take something, by {@link System#nanoTime}; 0 if it does not. */
    long writingSince() {
        return writingSince;
    }

    @Override
    public synchronized void resized(int newWidth, int newHeight) {
        pictureWidth = newWidth;
        pictureHeight = newHeight;
        isResized = true;
        notifyAll();
    }

    @Override
    public synchronized void changed(Rectangle part) {
        dirty.add(part.x(), part.y(), part.width(), part.height());
    }

    @Override
    public synchronized void complete() {
        notifyAll();
    }

    private synchronized void inputChanged() {
        isInputDue = true;
        notifyAll();
    }

    private synchronized void unblock() {
        isUnblocked = true;
        notifyAll();
    }

    synchronized void setFormat(PixelFormat newFormat) {
        format = newFormat;
        isColourMapDue = !newFormat.trueColour();
        notifyAll();
    }

    synchronized void setEncodings(Encodings newEncodings) {
        encodings = newEncodings;
        isInputDue = true;
        isResized |= newEncodings.canResize() && (width != pictureWidth || height != pictureHeight);
        if (newEncodings.has(Encodings.EXTENDED_DESKTOP_SIZE)) {
            sizeAnswer = SizeAnswer.TELL;
        }
        notifyAll();
    }

    /** The viewer wants another size, which no guest is told: it gets a refusal. */
    synchronized void refuseSize() {
        if (encodings.has(Encodings.EXTENDED_DESKTOP_SIZE)) {
            sizeAnswer = SizeAnswer.REFUSE;
        }
        notifyAll();
    }

    /** The viewer takes an update. */
    synchronized void request(boolean incremental, int x, int y, int partWidth, int partHeight) {
        wanted.add(x, y, partWidth, partHeight);
        if (!incremental) {
            dirty.add(x, y, partWidth, partHeight);
            forced.add(x, y, partWidth, partHeight);
        }
        notifyAll();
    }

    private void begin() {
        isResized = false;
        dirty = new TileSet(width, height);
        forced = new TileSet(width, height);
        wanted = new TileSet(width, height);
        dirty.addAll();
        forced.addAll();
    }

    private boolean isSomethingDue() {
        return isClosed || isResized || isColourMapDue || sizeAnswer != SizeAnswer.NONE || isInputDue
                || dirty.intersects(wanted);
    }

    private void round() {
        synchronized (this) {
            try {
                while (!isSomethingDue() && !isUnblocked) {
                    wait();
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
            isUnblocked = false;
            if (!isSomethingDue()) {
                return;
            }
            if (isClosed) {
                closeEncoders();
                worker.close();
                return;
            }
        }
        try {
            sendSmall();
            sendUpdate();
        } catch (IOException _) {
            synchronized (this) {
                isClosed = true;
            }
            end.run();
        }
    }

    /** Sends all but pixels. */
    private void sendSmall() throws IOException {
        Encodings taken;
        boolean isSizeNew;
        synchronized (this) {
            taken = encodings;
            isSizeNew = isResized;
            if (isResized) {
                takeSize();
            }
            if (isColourMapDue) {
                isColourMapDue = false;
                ServerMessages.colourMap(out);
            }
            if (isSizeNew && taken.canResize()) {
                sizeAnswer = SizeAnswer.TELL;
            }
            if (sizeAnswer != SizeAnswer.NONE) {
                ServerMessages.size(out, taken, width, height, sizeAnswer == SizeAnswer.TELL);
                sizeAnswer = SizeAnswer.NONE;
            }
            if (isInputDue) {
                isInputDue = false;
                confirmKeys(taken);
            }
        }
        if (isSizeNew || picture.width() != width()) {
            picture.resize(width(), height());
        }
        tellInput(taken);
        flush();
    }

    private void takeSize() {
        if (encodings.canResize()) {
            width = Math.max(1, pictureWidth);
            height = Math.max(1, pictureHeight);
        }
        boolean isAsking = !wanted.isEmpty();
        begin();
        if (isAsking) {
            wanted.addAll();
        }
    }

    private void confirmKeys(Encodings taken) {
        if (taken.has(Encodings.EXTENDED_KEYS) && !areKeysConfirmed) {
            areKeysConfirmed = true;
            ServerMessages.mark(out, 0, width, height, Encodings.EXTENDED_KEYS);
        }
    }

    private void tellInput(Encodings taken) {
        int newKind = input.isAbsolute() ? 1 : 0;
        if (taken.has(Encodings.POINTER_KIND) && newKind != pointerKind) {
            pointerKind = newKind;
            ServerMessages.mark(out, newKind, width(), height(), Encodings.POINTER_KIND);
        }
        int newLights = input.leds();
        if (taken.has(Encodings.LIGHTS) && newLights != lights) {
            lights = newLights;
            ServerMessages.mark(out, 0, 1, 1, Encodings.LIGHTS);
            out.u8(newLights);
        }
    }

    private void sendUpdate() throws IOException {
        TileSet tiles;
        TileSet mustSend;
        TileSet asked;
        Encodings taken;
        synchronized (this) {
            if (isResized || !dirty.intersects(wanted)) {
                return;
            }
            asked = wanted;
            tiles = dirty.take(wanted);
            mustSend = forced.take(wanted);
            wanted = new TileSet(width, height);
            taken = encodings;
            if (format != pixelsFormat) {
                pixelsFormat = format;
                pixels = new PixelWriter(format);
            }
        }
        display.look(seen -> {
            picture.update(seen, tiles, mustSend);
            return null;
        });
        if (tiles.isEmpty()) {
            // The viewer has it all: it waits on for a change.
            synchronized (this) {
                if (!isResized) {
                    wanted.addAll(asked);
                }
            }
            return;
        }
        send(tiles, !mustSend.isEmpty(), taken);
    }

    private void send(TileSet tiles, boolean isForced, Encodings taken) throws IOException {
        ScrollFinder.Move move = null;
        boolean copies = taken.has(Encodings.COPY_RECT);
        if (copies && !copiesRows) {
            picture.forgetRows();
        }
        copiesRows = copies;
        int tileColumns = (picture.width() + TileSet.TILE - 1) / TileSet.TILE;
        if (copies && !isForced && tiles.count() >= MIN_MOVED_ROWS * tileColumns) {
            move = picture.findMove();
            if (move != null) {
                picture.moved(move, tiles);
            }
        }
        Encoder encoder = encoders.computeIfAbsent(taken.encoder(), ViewerOutput::newEncoder);
        if (taken.level() >= 0) {
            encoder.level(taken.level());
        }
        List<Rectangle> parts = new ArrayList<>();
        tiles.takeRectangles(encoder.maxPixels(), parts);
        ServerMessages.update(out, parts.size() + (move == null ? 0 : 1));
        if (move != null) {
            ServerMessages.rectangle(out, 0, move.y(), picture.width(), move.height(), Encodings.COPY_RECT);
            out.u16(0);
            out.u16(move.y() + move.distance());
        }
        for (Rectangle part : parts) {
            ServerMessages.rectangle(out, part.x(), part.y(), part.width(), part.height(), encoder.number());
            encoder.encode(picture.block(part), pixels, out);
            if (out.size() >= FLUSH_SIZE) {
                flush();
            }
        }
        flush();
        if (copies) {
            picture.sent(parts, move);
        }
    }

    private static Encoder newEncoder(int number) {
        return switch (number) {
            case Encoder.HEXTILE -> new HextileEncoder();
            case Encoder.ZLIB -> new ZlibEncoder();
            case Encoder.TIGHT -> new TightEncoder();
            case Encoder.ZRLE -> new ZrleEncoder();
            default -> new RawEncoder();
        };
    }

    private void flush() throws IOException {
        if (out.size() > 0) {
            writingSince = System.nanoTime() | 1;
            wire.write(out.array(), 0, out.size());
            writingSince = 0;
            out.clear();
        }
    }

    private void closeEncoders() {
        encoders.values().forEach(Encoder::close);
        encoders.clear();
    }

    /** Sends nothing more; after the wire is closed. Any thread. */
    @Override
    public void close() {
        display.detach(this);
        input.removeListener(inputListener);
        synchronized (this) {
            isClosed = true;
            notifyAll();
        }
    }
}
