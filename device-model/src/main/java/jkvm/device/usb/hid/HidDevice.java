package jkvm.device.usb.hid;

import java.util.ArrayDeque;
import java.util.Arrays;
import jkvm.device.usb.SetupPacket;
import jkvm.device.usb.UsbDevice;
import jkvm.device.usb.UsbSpeed;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A Human Interface Device with one interrupt endpoint to the host: the standard requests (USB 2.0 section 9.4), those
 * of the class (HID section 7.2), and reports that wait until the host asks.
 *
 * <p>One lock guards all state: reports come from any thread, packets from the controller.
 */
abstract class HidDevice implements UsbDevice, AutoCloseable {
    static final int ENDPOINT = 1;
    static final int MAX_REPORT = 8;
    /** Reports that wait for the host. */
    static final int MAX_WAITING = 16;

    private static final int GET_STATUS_OF_DEVICE = 0x8000;
    private static final int GET_STATUS_OF_INTERFACE = 0x8100;
    private static final int GET_STATUS_OF_ENDPOINT = 0x8200;
    private static final int CLEAR_FEATURE_OF_DEVICE = 0x0001;
    private static final int SET_FEATURE_OF_DEVICE = 0x0003;
    private static final int CLEAR_FEATURE_OF_ENDPOINT = 0x0201;
    private static final int SET_FEATURE_OF_ENDPOINT = 0x0203;
    private static final int SET_ADDRESS = 0x0005;
    private static final int GET_DESCRIPTOR = 0x8006;
    private static final int GET_DESCRIPTOR_OF_INTERFACE = 0x8106;
    private static final int GET_CONFIGURATION = 0x8008;
    private static final int SET_CONFIGURATION = 0x0009;
    private static final int GET_INTERFACE = 0x810A;
    private static final int SET_INTERFACE = 0x010B;
    private static final int GET_REPORT = 0xA101;
    private static final int GET_IDLE = 0xA102;
    private static final int GET_PROTOCOL = 0xA103;
    private static final int SET_REPORT = 0x2109;
    private static final int SET_IDLE = 0x210A;
    private static final int SET_PROTOCOL = 0x210B;

    private static final int REMOTE_WAKEUP = 1;
    private static final int ENDPOINT_HALT = 0;
    private static final int ENDPOINT_ADDRESS = 0x80 | ENDPOINT;
    private static final int REMOTE_WAKEUP_STATUS = 2;
    private static final int DEFAULT_PROTOCOL = 1;
    private static final int INPUT_REPORT = 1;
    private static final int OUTPUT_REPORT = 2;
    private static final int STATE_VERSION = 1;

    private final String name;
    private final HidDescriptors descriptors;
    private Port port;
    private int configuration;
    private boolean wakesHost;
    private boolean isHalted;
    private int idle;
    private int protocol;
    private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
    /** The report that the device's state is now. */
    private byte[] current;

    HidDevice(String name, HidDescriptors descriptors) {
        this.name = name;
        this.descriptors = descriptors;
        current = new byte[descriptors.reportSize()];
        clear();
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final UsbSpeed speed() {
        return UsbSpeed.HIGH;
    }

    @Override
    public final void plugged(Port newPort) {
        port = newPort;
    }

    @Override
    public final synchronized void reset() {
        clear();
        released();
        configured(false);
    }

    private void clear() {
        configuration = 0;
        wakesHost = false;
        isHalted = false;
        idle = 0;
        protocol = DEFAULT_PROTOCOL;
        waiting.clear();
        Arrays.fill(current, (byte) 0);
    }

    /** The host begins to use the device, or ends it. The lock is held. */
    abstract void configured(boolean isInUse);

    /** The bus was reset: forget what is held down. The lock is held. */
    abstract void released();

    /** The host sends an output report. The lock is held. */
    abstract void output(byte[] report, int length);

    /** True if the host keeps up with the reports, or does not use the device. The lock is held. */
    final boolean hasRoom() {
        return waiting.size() < MAX_WAITING;
    }

    /** A report that is new for the host; there is room for it. The lock is held. */
    final void report(byte[] report) {
        current = report;
        if (configuration != 0) {
            waiting.add(report);
            port.ready();
        }
    }

    @Override
    public final synchronized int in(int endpoint, byte[] data, int length) {
        if (endpoint != ENDPOINT || configuration == 0 || isHalted) {
            return STALL;
        }
        byte[] report = waiting.poll();
        if (report == null) {
            return NAK;
        }
        int count = Math.min(length, report.length);
        System.arraycopy(report, 0, data, 0, count);
        return count;
    }

    @Override
    public final int out(int endpoint, byte[] data, int length) {
        return STALL;
    }

    @Override
    public final synchronized int control(SetupPacket setup, byte[] data) {
        return switch (setup.code()) {
            case GET_DESCRIPTOR, GET_DESCRIPTOR_OF_INTERFACE -> give(descriptors.find(setup.value()), setup, data);
            case GET_STATUS_OF_DEVICE -> giveNumber(wakesHost ? REMOTE_WAKEUP_STATUS : 0, 2, setup, data);
            case GET_STATUS_OF_INTERFACE -> giveNumber(0, 2, setup, data);
            case GET_STATUS_OF_ENDPOINT -> giveNumber(isHalted ? 1 : 0, 2, setup, data);
            case GET_CONFIGURATION -> giveNumber(configuration, 1, setup, data);
            case GET_INTERFACE -> giveNumber(0, 1, setup, data);
            case GET_REPORT -> setup.value() >>> 8 == INPUT_REPORT ? give(current, setup, data) : STALL;
            case GET_IDLE -> giveNumber(idle, 1, setup, data);
            case GET_PROTOCOL -> giveNumber(protocol, 1, setup, data);
            default -> set(setup, data);
        };
    }

    private int set(SetupPacket setup, byte[] data) {
        boolean isDone = switch (setup.code()) {
            case SET_ADDRESS -> true;
            case SET_CONFIGURATION -> configure(setup.value() & 0xFF);
            case SET_INTERFACE -> setup.value() == 0;
            case SET_FEATURE_OF_DEVICE, CLEAR_FEATURE_OF_DEVICE -> setup.value() == REMOTE_WAKEUP
                    && wake(setup.code() == SET_FEATURE_OF_DEVICE);
            case SET_FEATURE_OF_ENDPOINT, CLEAR_FEATURE_OF_ENDPOINT -> setup.value() == ENDPOINT_HALT
                    && halt(setup.index(), setup.code() == SET_FEATURE_OF_ENDPOINT);
            case SET_REPORT -> outputReport(setup, data);
            case SET_IDLE -> {
                idle = setup.value() >>> 8;
                yield true;
            }
            case SET_PROTOCOL -> {
                protocol = setup.value() & 1;
                yield true;
            }
            default -> false;
        };
        return isDone ? 0 : STALL;
    }

    private boolean configure(int number) {
        if (number > 1) {
            return false;
        }
        configuration = number;
        isHalted = false;
        waiting.clear();
        configured(number != 0);
        return true;
    }

    private boolean wake(boolean on) {
        wakesHost = on;
        return true;
    }

    private boolean halt(int endpoint, boolean on) {
        if (endpoint != ENDPOINT_ADDRESS) {
            return (endpoint & 0x7F) == 0;
        }
        isHalted = on;
        return true;
    }

    private boolean outputReport(SetupPacket setup, byte[] data) {
        if (setup.value() >>> 8 != OUTPUT_REPORT) {
            return false;
        }
        output(data, setup.length());
        return true;
    }

    private static int give(byte[] answer, SetupPacket setup, byte[] data) {
        if (answer == null) {
            return STALL;
        }
        int length = Math.min(answer.length, setup.length());
        System.arraycopy(answer, 0, data, 0, length);
        return length;
    }

    private static int giveNumber(int number, int size, SetupPacket setup, byte[] data) {
        int length = Math.min(size, setup.length());
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (number >>> 8 * i);
        }
        return length;
    }

    @Override
    public final synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("configuration", configuration);
        out.putBoolean("wakes host", wakesHost);
        out.putBoolean("halted", isHalted);
        out.putInt("idle", idle);
        out.putInt("protocol", protocol);
        out.putBytes("report", current);
        out.putInt("waiting", waiting.size());
        for (byte[] report : waiting) {
            out.putBytes("waits", report);
        }
        saveInput(out);
    }

    @Override
    public final synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        configuration = in.getInt("configuration", 0, 1);
        wakesHost = in.getBoolean("wakes host");
        isHalted = in.getBoolean("halted");
        idle = in.getInt("idle", 0, 0xFF);
        protocol = in.getInt("protocol", 0, 1);
        current = report(in, "report");
        waiting.clear();
        int count = in.getInt("waiting", 0, MAX_WAITING);
        for (int i = 0; i < count; i++) {
            waiting.add(report(in, "waits"));
        }
        loadInput(in);
        configured(configuration != 0);
    }

    private static byte[] report(StateReader in, String field) {
        byte[] report = in.getBytes(field, -1);
        if (report.length > MAX_REPORT) {
            throw new StateException("a report of " + report.length + " bytes");
        }
        return report;
    }

    /** It is gone: no input comes from users any more. */
    @Override
    public abstract void close();

    /** What is held down. The lock is held. */
    abstract void saveInput(StateWriter out);

    /** The lock is held. */
    abstract void loadInput(StateReader in);
}
