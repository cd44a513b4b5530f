package jkvm.control.hmp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jkvm.host.chardev.CharDevice;
import jkvm.host.chardev.Chardev;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * Serves a human monitor over a chardev, as a terminal: a greeting, a prompt, an editor of lines. While a client does
 * not read, nothing that it sends is executed. Closed after the machine's run, before its chardev.
 *
 * <p>Lock: this object's, around what the chardev hands over to the worker.
 */
public final class MonitorServer implements CharDevice, AutoCloseable {
    private static final int INPUT_ROOM = 4096;
    private static final String PROMPT = "(qemu) ";

    private final HumanMonitor monitor;
    private final Chardev chardev;
    private final String greeting;
    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final LineEditor editor = new LineEditor(PROMPT, screen, new Lines());
    private final Worker worker;
    /** Input that the worker has not taken. Guarded by this, as all down to the blank line. */
    private byte[] input = new byte[INPUT_ROOM];
    private int inputSize;
    private boolean isPresent;
    private boolean hasLeft;
    private boolean hasFocus;

    /** Of the worker: what it has taken of the input and of the output, and how far it is in them. */
    private byte[] keys = {};
    private int keysDone;
    private byte[] output = {};
    private int outputDone;
    private boolean isServed;
    private boolean isShown;

    /**
     * Connects to the chardev.
     *
     * @param version of the greeting
     * @param chardev goes on while the machine is paused
     * @param workers that are not the machine's
     */
    @SuppressWarnings("this-escape")
    public MonitorServer(HumanMonitor monitor, String version, Chardev chardev, Workers workers) {
        this.monitor = monitor;
        this.chardev = chardev;
        greeting = version + " monitor - type 'help' for more information\r\n";
        hasFocus = chardev.hasFocus();
        monitor.historyFrom(editor::history);
        monitor.descriptorsFrom(chardev::takeDescriptor);
        worker = workers.worker("monitor", this::round);
        chardev.connect(this);
    }

    @Override
    public synchronized int receivable() {
        return INPUT_ROOM - inputSize;
    }

    @Override
    public void receive(byte[] data, int offset, int length) {
        synchronized (this) {
            System.arraycopy(data, offset, input, inputSize, length);
            inputSize += length;
        }
        worker.wake();
    }

    @Override
    public void writable() {
        worker.wake();
    }

    @Override
    public void connected(boolean present) {
        synchronized (this) {
            isPresent = present;
            hasLeft |= !present;
            if (!present) {
                inputSize = 0;
            }
        }
        worker.wake();
    }

    @Override
    public void focused(boolean focus) {
        synchronized (this) {
            hasFocus = focus;
        }
        worker.wake();
    }

    private void round() {
        serveConnection();
        if (!isServed) {
            return;
        }
        showOrHide();
        while (flush() && takeKeys()) {
            editor.key(keys[keysDone++]);
        }
    }

    private void serveConnection() {
        boolean present;
        boolean left;
        synchronized (this) {
            present = isPresent;
            left = hasLeft;
            hasLeft = false;
        }
        if (left && isServed) {
            isServed = false;
            isShown = false;
            keys = new byte[0];
            keysDone = 0;
            output = new byte[0];
            outputDone = 0;
            screen.reset();
            chardev.inputWanted();
        }
        if (present && !isServed) {
            isServed = true;
            print(greeting);
        }
    }

    /** A monitor that shares its chardev writes while the user is here, and begins a line anew each time. */
    private void showOrHide() {
        boolean focus;
        synchronized (this) {
            focus = hasFocus;
        }
        if (focus && !isShown) {
            editor.prompt();
        } else if (!focus && isShown) {
            print("\r\n");
            flush();
        }
        isShown = focus;
    }

    /** @return false if there is no input */
    private boolean takeKeys() {
        if (keysDone < keys.length) {
            return true;
        }
        synchronized (this) {
            if (inputSize == 0) {
                return false;
            }
            keys = input;
            keysDone = INPUT_ROOM - inputSize;
            System.arraycopy(input, 0, keys, keysDone, inputSize);
            input = new byte[INPUT_ROOM];
            inputSize = 0;
        }
        chardev.inputWanted();
        return true;
    }

    /** @return true if all output is with the chardev */
    private boolean flush() {
        if (!isShown) {
            return false;
        }
        do {
            while (outputDone < output.length) {
                if (!chardev.transmit(output[outputDone])) {
                    return false;
                }
                outputDone++;
            }
            output = screen.toByteArray();
            outputDone = 0;
            screen.reset();
        } while (output.length > 0);
        return true;
    }

    private void print(String text) {
        screen.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private final class Lines implements LineEditor.Owner {

        @Override
        public void line(String line) {
            print(monitor.execute(line).replace("\n", "\r\n"));
            editor.prompt();
        }

        @Override
        public List<String> completions(String text) {
            return monitor.completions(text);
        }
    }

    @Override
    public void close() {
        worker.close();
    }
}
