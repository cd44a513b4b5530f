package jkvm.device.usb.xhci;

import java.util.Arrays;
import jkvm.device.usb.SetupPacket;
import jkvm.device.usb.UsbDevice;
import jkvm.memory.GuestAddressException;
import jkvm.memory.GuestMemory;

/**
 * Takes transfers from an endpoint's ring to its device and tells how they ended (xHCI sections 4.10 and 4.11). A
 * transfer is taken only when the guest has put all of its TRBs into the ring. Guarded by the controller's lock.
 */
final class EndpointTransfers {
    /** TRBs of one transfer; the guest gets an error for more. */
    static final int MAX_TRBS = 256;
    /** Transfers of one endpoint in a round. */
    private static final int MAX_TRANSFERS = 64;
    /** Bytes of one transfer. */
    private static final int MAX_BYTES = 1 << 16;
    private static final int SETUP_SIZE = 8;
    private static final int CODE_SHIFT = 24;
    private static final int EVENT_DATA_BIT = 1 << 2;
    private static final int ACCUMULATED_MASK = 0xFFFFFF;
    /** No packet's answer: the TRBs do not make a transfer. */
    private static final int MALFORMED = -3;
    /** No packet's answer: a buffer is outside of RAM. */
    private static final int UNREACHABLE = -4;

    private final GuestMemory memory;
    private final EventSink events;
    private final TrbRing ahead = new TrbRing();
    private final Trb[] trbs = new Trb[MAX_TRBS];
    private int count;
    private final byte[] buffer = new byte[MAX_BYTES];
    /** The endpoint that is being served. */
    private Endpoint endpoint;
    private int slotId;

    /** Gets events. */
    interface EventSink {

        /** @param interrupter any number; one that is not there gets nothing */
        void post(int interrupter, long parameter, int status, int control);

        /** True while the guest's event rings have room. */
        boolean hasRoom();
    }

    EndpointTransfers(GuestMemory memory, EventSink events) {
        this.memory = memory;
        this.events = events;
        Arrays.setAll(trbs, _ -> new Trb());
    }

    /**
     * Serves a running endpoint.
     *
     * @param device null if none is plugged in, or if its port is not enabled
     * @return true if there may be more to do
     */
    boolean serve(int newSlotId, Endpoint newEndpoint, UsbDevice device) {
        slotId = newSlotId;
        endpoint = newEndpoint;
        for (int i = 0; i < MAX_TRANSFERS; i++) {
            if (endpoint.state() != Endpoint.RUNNING || !events.hasRoom() || !gather()) {
                return false;
            }
            if (!run(device)) {
                return false;
            }
        }
        return true;
    }

    /** A command stops the endpoint (section 4.6.9), and with it the transfer that waits for its device. */
    void stop(int newSlotId, Endpoint stopped) {
        slotId = newSlotId;
        endpoint = stopped;
        if (stopped.isWaiting() && gather()) {
            post(trbs[0], Completion.STOPPED, trbs[0].length());
        }
        stopped.setState(Endpoint.STOPPED);
    }

    /** Reads the next transfer. False if it is not complete, or no transfer at all. */
    private boolean gather() {
        ahead.copy(endpoint.ring());
        count = 0;
        try {
            while (ahead.next(memory, trbs[count])) {
                count++;
                if (!trbs[count - 1].has(Trb.CHAIN_BIT)) {
                    return true;
                }
                if (count == MAX_TRBS) {
                    fail(trbs[0], Completion.TRB_ERROR, Endpoint.ERROR);
                    return false;
                }
            }
        } catch (GuestAddressException | TrbRing.RingException e) {
            Trb nowhere = trbs[count];
            nowhere.address = ahead.pointer();
            nowhere.status = 0;
            fail(nowhere, Completion.TRB_ERROR, Endpoint.ERROR);
        }
        return false;
    }

    /** @return false if the device has nothing yet, or the endpoint has halted */
    private boolean run(UsbDevice device) {
        if (device == null) {
            fail(trbs[0], Completion.USB_TRANSACTION_ERROR, Endpoint.HALTED);
            return false;
        }
        int answer = endpoint.type() == Endpoint.CONTROL ? control(device) : data(device);
        endpoint.setWaiting(answer == UsbDevice.NAK);
        switch (answer) {
            case UsbDevice.NAK -> {
                // Asked again when the device is ready.
            }
            case UsbDevice.STALL -> fail(trbs[0], Completion.STALL_ERROR, Endpoint.HALTED);
            case MALFORMED -> fail(trbs[0], Completion.TRB_ERROR, Endpoint.ERROR);
            case UNREACHABLE -> fail(trbs[0], Completion.DATA_BUFFER_ERROR, Endpoint.HALTED);
            default -> endpoint.ring().copy(ahead);
        }
        return answer >= 0;
    }

    private int data(UsbDevice device) {
        if (trbs[0].type() == Trb.NO_OP) {
            complete(0);
            return 0;
        }
        int total = total();
        if (total < 0) {
            return MALFORMED;
        }
        if (!areReachable()) {
            return UNREACHABLE;
        }
        if (endpoint.isIn()) {
            int answer = device.in(endpoint.number(), buffer, total);
            if (answer >= 0) {
                scatter(buffer, answer);
                complete(answer);
            }
            return answer;
        }
        collect(buffer);
        int answer = device.out(endpoint.number(), buffer, total);
        if (answer >= 0) {
            complete(answer);
        }
        return answer;
    }

    private int control(UsbDevice device) {
        int type = trbs[0].type();
        if (type == Trb.SETUP_STAGE) {
            if (count > 1 || trbs[0].length() != SETUP_SIZE || !trbs[0].has(Trb.IMMEDIATE_DATA_BIT)) {
                return MALFORMED;
            }
            endpoint.begin(trbs[0].parameter);
            complete(SETUP_SIZE);
            return 0;
        }
        if (type == Trb.NO_OP) {
            complete(0);
            return 0;
        }
        if (!endpoint.hasSetup() || type != Trb.DATA_STAGE && type != Trb.STATUS_STAGE) {
            return MALFORMED;
        }
        return type == Trb.DATA_STAGE ? dataStage(device) : statusStage(device);
    }

    private int dataStage(UsbDevice device) {
        int total = total();
        SetupPacket setup = endpoint.setup();
        boolean isIn = trbs[0].has(Trb.DIRECTION_IN_BIT);
        if (total < 0 || total > Endpoint.MAX_CONTROL_DATA || isIn != setup.isToHost()
                || endpoint.dataLength() >= 0) {
            return MALFORMED;
        }
        if (!areReachable()) {
            return UNREACHABLE;
        }
        if (!isIn) {
            collect(endpoint.data());
            endpoint.setDataLength(total);
            complete(total);
            return 0;
        }
        int answer = setup.length() > Endpoint.MAX_CONTROL_DATA ? UsbDevice.STALL
                : device.control(setup, endpoint.data());
        if (answer >= 0) {
            int length = Math.min(answer, total);
            endpoint.setDataLength(length);
            scatter(endpoint.data(), length);
            complete(length);
        }
        return answer;
    }

    private int statusStage(UsbDevice device) {
        SetupPacket setup = endpoint.setup();
        boolean isDone = setup.isToHost() && endpoint.dataLength() >= 0;
        int answer = 0;
        if (!isDone) {
            boolean fits = setup.isToHost() ? setup.length() <= Endpoint.MAX_CONTROL_DATA
                    : setup.length() == Math.max(0, endpoint.dataLength());
            answer = fits ? device.control(setup, endpoint.data()) : UsbDevice.STALL;
        }
        if (answer >= 0) {
            endpoint.forgetTransfer();
            complete(0);
        }
        return answer;
    }

    /** Bytes of all buffers; -1 for too many, or for TRBs that do not belong into a transfer. */
    private int total() {
        int total = 0;
        for (int i = 0; i < count; i++) {
            int type = trbs[i].type();
            boolean isData = type == Trb.NORMAL || i == 0 && type == Trb.DATA_STAGE;
            if (isData) {
                total += trbs[i].length();
            }
            if (!isData && type != Trb.EVENT_DATA || total > MAX_BYTES || isImmediateOf(trbs[i], isData)) {
                return -1;
            }
        }
        return total;
    }

    /** Immediate data are the eight bytes of the parameter, and go to the device. */
    private boolean isImmediateOf(Trb trb, boolean isData) {
        return isData && trb.has(Trb.IMMEDIATE_DATA_BIT) && (isToHost() || trb.length() > SETUP_SIZE);
    }

    private boolean isToHost() {
        return endpoint.type() == Endpoint.CONTROL ? trbs[0].has(Trb.DIRECTION_IN_BIT) : endpoint.isIn();
    }

    private static boolean hasBuffer(Trb trb) {
        return trb.type() != Trb.EVENT_DATA;
    }

    /** Before the device gives data away or takes some: they must have a place. */
    private boolean areReachable() {
        for (int i = 0; i < count; i++) {
            Trb trb = trbs[i];
            if (hasBuffer(trb) && trb.length() > 0 && !trb.has(Trb.IMMEDIATE_DATA_BIT)
                    && !memory.contains(trb.parameter, trb.length())) {
                return false;
            }
        }
        return true;
    }

    private void collect(byte[] into) {
        int at = 0;
        for (int i = 0; i < count; i++) {
            if (!hasBuffer(trbs[i]) || trbs[i].length() == 0) {
                continue;
            }
            int length = trbs[i].length();
            if (trbs[i].has(Trb.IMMEDIATE_DATA_BIT)) {
                for (int j = 0; j < length; j++) {
                    into[at + j] = (byte) (trbs[i].parameter >>> 8 * j);
                }
            } else {
                memory.read(trbs[i].parameter, into, at, length);
            }
            at += length;
        }
    }

    private void scatter(byte[] from, int length) {
        int at = 0;
        for (int i = 0; i < count && at < length; i++) {
            if (hasBuffer(trbs[i])) {
                int part = Math.min(trbs[i].length(), length - at);
                memory.write(trbs[i].parameter, from, at, part);
                at += part;
            }
        }
    }

    /**
     * Tells the events that the guest has asked for. The TRB at which data end early is told as short; those after it
     * are not, but for event data (section 4.10.1.1).
     *
     * @param length bytes that went to or from the buffers
     */
    private void complete(int length) {
        int left = length;
        boolean isShort = false;
        int accumulated = 0;
        for (int i = 0; i < count; i++) {
            Trb trb = trbs[i];
            if (trb.type() == Trb.EVENT_DATA) {
                postEventData(trb, isShort ? Completion.SHORT_PACKET : Completion.SUCCESS, accumulated);
                accumulated = 0;
            } else if (!isShort) {
                int part = Math.min(trb.length(), left);
                left -= part;
                accumulated += part;
                isShort = part < trb.length();
                if (trb.has(Trb.INTERRUPT_ON_COMPLETION_BIT) || isShort && trb.has(Trb.INTERRUPT_ON_SHORT_BIT)) {
                    post(trb, isShort ? Completion.SHORT_PACKET : Completion.SUCCESS, trb.length() - part);
                }
            }
        }
    }

    private void postEventData(Trb trb, int code, int accumulated) {
        if (trb.has(Trb.INTERRUPT_ON_COMPLETION_BIT)) {
            events.post(trb.interrupter(), trb.parameter, code << CODE_SHIFT | accumulated & ACCUMULATED_MASK,
                    eventControl() | EVENT_DATA_BIT);
        }
    }

    private void post(Trb trb, int code, int residue) {
        events.post(trb.interrupter(), trb.address, code << CODE_SHIFT | residue, eventControl());
    }

    private int eventControl() {
        return Trb.controlOf(Trb.TRANSFER_EVENT) | endpoint.index() << 16 | slotId << 24;
    }

    /** An error is told whether or not the guest has asked for an event. */
    private void fail(Trb trb, int code, int state) {
        endpoint.forgetTransfer();
        post(trb, code, trb.length());
        endpoint.setState(state);
    }
}
