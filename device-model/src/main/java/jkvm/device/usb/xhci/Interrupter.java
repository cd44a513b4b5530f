package jkvm.device.usb.xhci;

import java.util.ArrayDeque;
import jkvm.memory.GuestAddressException;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * An interrupter: its registers (xHCI section 5.5.2) and its event ring, of one segment (section 4.9.4). Events that
 * find the ring full wait here, in their order, until the guest has taken some. Guarded by the controller's lock.
 */
final class Interrupter {
    static final int SIZE = 0x20;
    private static final int MANAGEMENT_OFFSET = 0x00;
    private static final int MODERATION_OFFSET = 0x04;
    private static final int TABLE_SIZE_OFFSET = 0x08;
    private static final int TABLE_LOW_OFFSET = 0x10;
    private static final int TABLE_HIGH_OFFSET = 0x14;
    private static final int DEQUEUE_LOW_OFFSET = 0x18;
    private static final int DEQUEUE_HIGH_OFFSET = 0x1C;

    private static final int PENDING_BIT = 1;
    private static final int ENABLE_BIT = 2;
    private static final int DEFAULT_MODERATION = 4000;
    private static final int HANDLER_BUSY_BIT = 8;
    private static final long TABLE_MASK = ~0x3FL;
    private static final int MIN_SEGMENT = 16;
    private static final int MAX_SEGMENT = 4096;

    private final GuestMemory memory;
    private int management;
    private int moderation;
    private int tableSize;
    private long table;
    private long dequeue;
    /** The segment, as the table said when its address was written; 0 entries while there is none. */
    private long segment;
    private int entries;
    private int producer;
    private boolean cycle;
    /** The guest has not been told yet that there are events. */
    private boolean news;
    private final ArrayDeque<Event> waiting = new ArrayDeque<>();

    /** An event without its cycle bit. */
    private record Event(long parameter, int status, int control) {
    }

    Interrupter(GuestMemory memory) {
        this.memory = memory;
        reset();
    }

    void reset() {
        management = 0;
        moderation = DEFAULT_MODERATION;
        tableSize = 0;
        table = 0;
        dequeue = 0;
        segment = 0;
        entries = 0;
        producer = 0;
        cycle = true;
        news = false;
        waiting.clear();
    }

    /** True if the guest wants to be interrupted for an event that it has been told. */
    boolean isAsserted() {
        return (management & (PENDING_BIT | ENABLE_BIT)) == (PENDING_BIT | ENABLE_BIT);
    }

    /** True once for each time that the guest is to be told of events: not while it is busy with earlier ones. */
    boolean takeNews() {
        boolean result = news;
        news = false;
        return result;
    }

    /** The guest has been told by a message (section 5.5.2.1). */
    void messageSent() {
        management &= ~PENDING_BIT;
    }

    /** True while events wait for room: the controller makes no others. */
    boolean isFull() {
        return !waiting.isEmpty();
    }

    int read(int offset) {
        return switch (offset) {
            case MANAGEMENT_OFFSET -> management;
            case MODERATION_OFFSET -> moderation;
            case TABLE_SIZE_OFFSET -> tableSize;
            case TABLE_LOW_OFFSET -> (int) table;
            case TABLE_HIGH_OFFSET -> (int) (table >>> 32);
            case DEQUEUE_LOW_OFFSET -> (int) dequeue;
            case DEQUEUE_HIGH_OFFSET -> (int) (dequeue >>> 32);
            default -> 0;
        };
    }

    /**
     * The guest writes a register.
     *
     * @return false if the segment that the table gives cannot be one: the controller's error
     */
    boolean write(int offset, int value) {
        switch (offset) {
            case MANAGEMENT_OFFSET ->
                    management = management & ~value & PENDING_BIT | value & ENABLE_BIT;
            case MODERATION_OFFSET -> moderation = value;
            case TABLE_SIZE_OFFSET -> tableSize = value & 0xFFFF;
            case TABLE_LOW_OFFSET -> table = Xhci.withLow(table, value) & TABLE_MASK;
            case TABLE_HIGH_OFFSET -> {
                table = Xhci.withHigh(table, value);
                return newSegment();
            }
            case DEQUEUE_LOW_OFFSET -> taken(value);
            case DEQUEUE_HIGH_OFFSET -> dequeue = Xhci.withHigh(dequeue, value);
            default -> {
                // Reserved.
            }
        }
        return true;
    }

    /** The guest says how far it has taken events. Those that came meanwhile are news. */
    private void taken(int value) {
        boolean isBusy = (dequeue & HANDLER_BUSY_BIT & ~value) != 0;
        dequeue = Xhci.withLow(dequeue, value) & ~HANDLER_BUSY_BIT;
        if (isBusy) {
            dequeue |= HANDLER_BUSY_BIT;
        } else if (entries > 0 && roomLeft() != entries - 1) {
            tell();
        }
    }

    private void tell() {
        if ((dequeue & HANDLER_BUSY_BIT) == 0) {
            news = true;
        }
        management |= PENDING_BIT;
        dequeue |= HANDLER_BUSY_BIT;
    }

    /** Reads the table's one entry; a table of none is no ring. The high half of its address comes last. */
    private boolean newSegment() {
        entries = 0;
        producer = 0;
        cycle = true;
        if (tableSize == 0) {
            return true;
        }
        if (tableSize != 1 || !memory.contains(table, Trb.SIZE)) {
            return false;
        }
        segment = memory.readLong(table) & TABLE_MASK;
        int size = memory.readInt(table + 8) & 0xFFFF;
        if (size < MIN_SEGMENT || size > MAX_SEGMENT || !memory.contains(segment, (long) size * Trb.SIZE)) {
            return false;
        }
        entries = size;
        return true;
    }

    /** Tells the guest an event, now or when the ring has room. Without a ring it is lost. */
    void post(long parameter, int status, int control) {
        if (entries > 0) {
            waiting.add(new Event(parameter, status, control));
            flush();
        }
    }

    /**
     * Writes the events that wait, as many as there is room for: one entry always stays free, so that a full ring is
     * not an empty one.
     *
     * @return true if it has written any
     */
    boolean flush() {
        boolean any = false;
        while (!waiting.isEmpty() && entries > 0 && roomLeft() > 0) {
            write(waiting.remove());
            any = true;
        }
        if (any) {
            tell();
        }
        return any;
    }

    private int roomLeft() {
        long consumer = ((dequeue & ~0xFL) - segment) / Trb.SIZE;
        if (consumer < 0 || consumer >= entries) {
            // The guest has not said yet, or says nonsense: as if it had taken nothing.
            consumer = 0;
        }
        return Math.floorMod((int) consumer - producer - 1, entries);
    }

    /** The control word last: the guest sees it change when the rest is there. */
    private void write(Event event) {
        long at = segment + (long) producer * Trb.SIZE;
        try {
            memory.writeLong(at, event.parameter());
            memory.writeInt(at + 8, event.status());
            memory.writeIntRelease(at + 12, event.control() | (cycle ? Trb.CYCLE_BIT : 0));
        } catch (GuestAddressException e) {
            throw new IllegalStateException("the segment was in RAM", e);
        }
        producer++;
        if (producer == entries) {
            producer = 0;
            cycle = !cycle;
        }
    }

    void save(StateWriter out) {
        out.putInt("management", management);
        out.putInt("moderation", moderation);
        out.putInt("table size", tableSize);
        out.putLong("table", table);
        out.putLong("dequeue", dequeue);
        out.putLong("segment", segment);
        out.putInt("entries", entries);
        out.putInt("producer", producer);
        out.putBoolean("cycle", cycle);
        out.putBoolean("news", news);
        out.putInt("waiting", waiting.size());
        for (Event event : waiting) {
            out.putLong("parameter", event.parameter());
            out.putInt("status", event.status());
            out.putInt("control", event.control());
        }
    }

    void load(StateReader in) {
        management = in.getInt("management") & (PENDING_BIT | ENABLE_BIT);
        moderation = in.getInt("moderation");
        tableSize = in.getInt("table size");
        table = in.getLong("table");
        dequeue = in.getLong("dequeue");
        segment = in.getLong("segment");
        entries = in.getInt("entries", 0, MAX_SEGMENT);
        if (entries > 0 && !memory.contains(segment, (long) entries * Trb.SIZE)) {
            entries = 0;
        }
        producer = in.getInt("producer", 0, Math.max(0, entries - 1));
        cycle = in.getBoolean("cycle");
        news = in.getBoolean("news");
        waiting.clear();
        int count = in.getInt("waiting", 0, EndpointTransfers.MAX_TRBS + Xhci.MAX_PORTS + 1);
        for (int i = 0; i < count; i++) {
            waiting.add(new Event(in.getLong("parameter"), in.getInt("status"), in.getInt("control")));
        }
    }
}
