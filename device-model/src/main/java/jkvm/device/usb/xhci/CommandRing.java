package jkvm.device.usb.xhci;

import jkvm.memory.GuestAddressException;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** The commands of the controller (xHCI section 4.6). Guarded by the controller's lock. */
final class CommandRing {
    private static final int ENABLE_SLOT = 9;
    private static final int DISABLE_SLOT = 10;
    private static final int ADDRESS_DEVICE = 11;
    private static final int CONFIGURE_ENDPOINT = 12;
    private static final int EVALUATE_CONTEXT = 13;
    private static final int RESET_ENDPOINT = 14;
    private static final int STOP_ENDPOINT = 15;
    private static final int SET_DEQUEUE = 16;
    private static final int RESET_DEVICE = 17;
    private static final int NO_OP = 23;
    /** Address Device: no SET_ADDRESS. Configure Endpoint: all endpoints away. */
    private static final int SPECIAL_BIT = 1 << 9;
    private static final long POINTER_MASK = ~0x3FL;
    private static final int STREAM_MASK = 0xFFFF << 16;
    private static final int CODE_SHIFT = 24;
    private static final int MAX_COMMANDS = 64;
    private static final int DEFAULT_ENDPOINT = 1;

    private final GuestMemory memory;
    private final Xhci controller;
    private final EndpointTransfers transfers;
    private final DeviceSlot[] slots;
    private final TrbRing ring = new TrbRing();
    private final Trb trb = new Trb();
    /** The slot of the command that is being executed; Enable Slot answers it. */
    private int slotId;

    CommandRing(GuestMemory memory, Xhci controller, EndpointTransfers transfers, DeviceSlot[] slots) {
        this.memory = memory;
        this.controller = controller;
        this.transfers = transfers;
        this.slots = slots;
    }

    void start(long pointer) {
        ring.set(pointer & POINTER_MASK, (pointer & 1) != 0);
    }

    /**
     * Executes what the guest has put into the ring.
     *
     * @return true if there may be more to do
     * @throws GuestAddressException if the ring leaves RAM
     * @throws TrbRing.RingException if it has links only
     */
    boolean serve() {
        for (int i = 0; i < MAX_COMMANDS; i++) {
            if (!controller.hasRoom() || !ring.next(memory, trb)) {
                return false;
            }
            slotId = trb.slot();
            int code;
            try {
                code = execute();
            } catch (GuestAddressException e) {
                code = Completion.PARAMETER_ERROR;
            }
            complete(trb.address, code);
        }
        return true;
    }

    /** The guest stops the ring. */
    void stop() {
        slotId = 0;
        complete(ring.pointer(), Completion.COMMAND_RING_STOPPED);
    }

    private void complete(long address, int code) {
        controller.post(0, address, code << CODE_SHIFT,
                Trb.controlOf(Trb.COMMAND_COMPLETION_EVENT) | slotId << 24);
    }

    private int execute() {
        return switch (trb.type()) {
            case NO_OP -> Completion.SUCCESS;
            case ENABLE_SLOT -> enableSlot();
            case DISABLE_SLOT, ADDRESS_DEVICE, CONFIGURE_ENDPOINT, EVALUATE_CONTEXT, RESET_ENDPOINT, STOP_ENDPOINT,
                    SET_DEQUEUE, RESET_DEVICE -> slotId > 0 && slotId < slots.length && slots[slotId].isEnabled()
                            ? execute(slots[slotId]) : Completion.SLOT_NOT_ENABLED;
            default -> Completion.TRB_ERROR;
        };
    }

    private int execute(DeviceSlot slot) {
        int type = trb.type();
        if (type == DISABLE_SLOT) {
            slot.disable();
            return Completion.SUCCESS;
        }
        if (type == ADDRESS_DEVICE) {
            return addressDevice(slot, trb.parameter & ~0xFL);
        }
        if (!slot.isAddressed()) {
            return Completion.CONTEXT_STATE_ERROR;
        }
        return switch (type) {
            case CONFIGURE_ENDPOINT -> configure(slot, trb.parameter & ~0xFL);
            case EVALUATE_CONTEXT -> evaluate(slot, trb.parameter & ~0xFL);
            case RESET_DEVICE -> resetDevice(slot);
            default -> {
                Endpoint endpoint = slot.endpoint(trb.endpoint());
                yield endpoint == null ? Completion.CONTEXT_STATE_ERROR : execute(endpoint);
            }
        };
    }

    private int execute(Endpoint endpoint) {
        switch (trb.type()) {
            case RESET_ENDPOINT -> {
                if (endpoint.state() != Endpoint.HALTED) {
                    return Completion.CONTEXT_STATE_ERROR;
                }
                endpoint.setState(Endpoint.STOPPED);
            }
            case STOP_ENDPOINT -> {
                if (endpoint.state() != Endpoint.RUNNING) {
                    return Completion.CONTEXT_STATE_ERROR;
                }
                transfers.stop(slotId, endpoint);
                controller.forgetDoorbell(slotId, endpoint.index());
            }
            default -> {
                if (endpoint.state() != Endpoint.STOPPED && endpoint.state() != Endpoint.ERROR) {
                    return Completion.CONTEXT_STATE_ERROR;
                }
                if ((trb.status & STREAM_MASK) != 0) {
                    return Completion.TRB_ERROR;
                }
                endpoint.setDequeue(trb.parameter);
                endpoint.setState(Endpoint.STOPPED);
            }
        }
        return Completion.SUCCESS;
    }

    private int enableSlot() {
        for (int i = 1; i < slots.length && i <= controller.enabledSlots(); i++) {
            if (!slots[i].isEnabled()) {
                slots[i].enable();
                slotId = i;
                return Completion.SUCCESS;
            }
        }
        slotId = 0;
        return Completion.NO_SLOTS_AVAILABLE;
    }

    private int addressDevice(DeviceSlot slot, long input) {
        int both = DeviceContext.ADD_SLOT_BIT | DeviceContext.ADD_DEFAULT_ENDPOINT_BIT;
        long output = memory.readLong(controller.contextArray() + (long) slotId * Long.BYTES) & POINTER_MASK;
        if (!memory.contains(output, DeviceContext.WHOLE)
                || !memory.contains(input, DeviceContext.inInput(0, DEFAULT_ENDPOINT + 1))
                || DeviceContext.dropped(memory, input) != 0 || DeviceContext.added(memory, input) != both) {
            return Completion.PARAMETER_ERROR;
        }
        boolean isDefault = (trb.control & SPECIAL_BIT) != 0;
        if (slot.state() > DeviceContext.SLOT_DEFAULT || isDefault && slot.state() != 0) {
            return Completion.CONTEXT_STATE_ERROR;
        }
        long wish = DeviceContext.inInput(input, 0);
        long endpoint = DeviceContext.inInput(input, DEFAULT_ENDPOINT);
        int port = DeviceContext.port(memory, wish);
        if (!Endpoint.isValid(memory, endpoint, DEFAULT_ENDPOINT) || isTaken(port)) {
            return Completion.PARAMETER_ERROR;
        }
        if (controller.hub().deviceAt(port) == null) {
            return Completion.USB_TRANSACTION_ERROR;
        }
        slot.address(port, output);
        DeviceContext.copySlot(memory, wish, output);
        slot.configure(DEFAULT_ENDPOINT, endpoint);
        slot.setState(isDefault ? DeviceContext.SLOT_DEFAULT : DeviceContext.SLOT_ADDRESSED, isDefault ? 0 : slotId);
        return Completion.SUCCESS;
    }

    /** A port's device has one slot at a time. */
    private boolean isTaken(int port) {
        for (int i = 1; i < slots.length; i++) {
            if (i != slotId && slots[i].isAddressed() && slots[i].port() == port) {
                return true;
            }
        }
        return false;
    }

    private int configure(DeviceSlot slot, long input) {
        if (slot.state() < DeviceContext.SLOT_ADDRESSED) {
            return Completion.CONTEXT_STATE_ERROR;
        }
        if ((trb.control & SPECIAL_BIT) != 0) {
            slot.dropAll();
            slot.setState(DeviceContext.SLOT_ADDRESSED, slotId);
            return Completion.SUCCESS;
        }
        int dropped = DeviceContext.dropped(memory, input);
        int added = DeviceContext.added(memory, input);
        if ((dropped & 3) != 0 || (added & 3) != DeviceContext.ADD_SLOT_BIT) {
            return Completion.PARAMETER_ERROR;
        }
        for (int i = 2; i <= DeviceContext.ENDPOINTS; i++) {
            if ((added & 1 << i) != 0 && !Endpoint.isValid(memory, DeviceContext.inInput(input, i), i)) {
                return Completion.TRB_ERROR;
            }
        }
        for (int i = 2; i <= DeviceContext.ENDPOINTS; i++) {
            if ((dropped & 1 << i) != 0) {
                slot.drop(i);
            }
            if ((added & 1 << i) != 0) {
                slot.configure(i, DeviceContext.inInput(input, i));
            }
        }
        slot.setState(slot.lastEndpoint() > DEFAULT_ENDPOINT ? DeviceContext.SLOT_CONFIGURED
                : DeviceContext.SLOT_ADDRESSED, slotId);
        return Completion.SUCCESS;
    }

    private int evaluate(DeviceSlot slot, long input) {
        int added = DeviceContext.added(memory, input);
        int both = DeviceContext.ADD_SLOT_BIT | DeviceContext.ADD_DEFAULT_ENDPOINT_BIT;
        if (DeviceContext.dropped(memory, input) != 0 || (added & ~both) != 0) {
            return Completion.PARAMETER_ERROR;
        }
        if ((added & DeviceContext.ADD_SLOT_BIT) != 0) {
            DeviceContext.evaluateSlot(memory, DeviceContext.inInput(input, 0), slot.context());
        }
        if ((added & DeviceContext.ADD_DEFAULT_ENDPOINT_BIT) != 0) {
            slot.endpoint(DEFAULT_ENDPOINT).evaluate(DeviceContext.inInput(input, DEFAULT_ENDPOINT));
        }
        return Completion.SUCCESS;
    }

    private int resetDevice(DeviceSlot slot) {
        if (slot.state() < DeviceContext.SLOT_ADDRESSED) {
            return Completion.CONTEXT_STATE_ERROR;
        }
        slot.dropAll();
        slot.setState(DeviceContext.SLOT_DEFAULT, 0);
        return Completion.SUCCESS;
    }

    void save(StateWriter out) {
        ring.save(out);
    }

    void load(StateReader in) {
        ring.load(in);
    }
}
