package jkvm.device.platform;

import java.util.List;
import java.util.function.IntUnaryOperator;
import jkvm.bus.ByteIoHandler;
import jkvm.bus.Device;
import jkvm.bus.DmaChannel;
import jkvm.bus.RegisterNames;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * One of a PC's two 8237A DMA controllers with four channels: the first moves bytes, the second words at addresses of
 * words. Bits 16 to 23 of an address are in the page registers of {@link PostPort}; a transfer wraps within its page.
 *
 * <p>A channel moves data when its device calls {@link DmaChannel#move}, which takes time of the device's worker only.
 * The lock is this object's monitor, the last in the order of locks.
 */
public final class DmaController implements Device, ByteIoHandler {
    /** Of the controller for bytes. */
    public static final int PORT = 0x00;
    /** Ports that it decodes. */
    public static final int PORTS = 16;
    /** Of the controller for words, whose registers are two ports apart. */
    public static final int WIDE_PORT = 0xC0;
    /** Ports that it decodes. */
    public static final int WIDE_PORTS = 32;

    static final int STATUS_OFFSET = 0x8;
    static final int COMMAND_OFFSET = 0x8;
    static final int REQUEST_OFFSET = 0x9;
    static final int SINGLE_MASK_OFFSET = 0xA;
    static final int MODE_OFFSET = 0xB;
    static final int CLEAR_FLIP_FLOP_OFFSET = 0xC;
    static final int MASTER_CLEAR_OFFSET = 0xD;
    static final int CLEAR_MASK_OFFSET = 0xE;
    static final int MASK_OFFSET = 0xF;
    static final int COMMAND_DISABLE_BIT = 0x04;
    private static final int CHANNELS = 4;
    private static final int CHANNEL_MASK = 3;
    private static final int SET_BIT = 4;
    private static final int ALL = 0xF;
    private static final int STATE_VERSION = 1;
    private static final List<String> NAMES = List.of("ADDR0", "COUNT0", "ADDR1", "COUNT1", "ADDR2", "COUNT2", "ADDR3",
            "COUNT3", "STATUS", "REQUEST", "MASK1", "MODE", "FLIPFLOP", "CLEAR", "UNMASK", "MASK");

    private final String name;
    private final GuestMemory memory;
    private final IntUnaryOperator pages;
    /** 0 for bytes, 1 for words. */
    private final int shift;
    private final DmaControllerChannel[] channels = new DmaControllerChannel[CHANNELS];
    private int command;
    private int mask = ALL;
    /** A bit for each channel that has come to its end since the status was read. */
    private int ended;
    /** A bit for each channel whose device asks, and for each that the guest asks for itself. */
    private int requests;
    private int softRequests;
    private boolean highHalf;

    /**
     * @param wide  true for the controller of words
     * @param pages the page register of each of its channels, 0 to 255
     */
    @SuppressWarnings("this-escape")
    public DmaController(String name, boolean wide, GuestMemory memory, IntUnaryOperator pages) {
        this.name = name;
        this.memory = memory;
        this.pages = pages;
        this.shift = wide ? 1 : 0;
        for (int i = 0; i < CHANNELS; i++) {
            channels[i] = new DmaControllerChannel(this, i);
        }
    }

    /**
     * A channel, for the device that is wired to it.
     *
     * @param number 0 to 3, counted within this controller
     */
    public DmaChannel channel(int number) {
        return channels[number];
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized int readByte(int offset) {
        int register = offset >> shift;
        if (register < STATUS_OFFSET) {
            return channels[register >> 1].half(register & 1, flip());
        }
        return switch (register) {
            case STATUS_OFFSET -> {
                int status = ended | (requests | softRequests) << CHANNELS;
                ended = 0;
                yield status;
            }
            case REQUEST_OFFSET, MASK_OFFSET -> mask;
            default -> 0;
        };
    }

    @Override
    public synchronized void writeByte(int offset, int value) {
        int register = offset >> shift;
        int bit = 1 << (value & CHANNEL_MASK);
        switch (register) {
            case COMMAND_OFFSET -> command = value;
            case REQUEST_OFFSET -> {
                softRequests = (value & SET_BIT) != 0 ? softRequests | bit : softRequests & ~bit;
                ended &= ~bit;
            }
            case SINGLE_MASK_OFFSET -> mask = (value & SET_BIT) != 0 ? mask | bit : mask & ~bit;
            case MODE_OFFSET -> channels[value & CHANNEL_MASK].mode(value);
            case CLEAR_FLIP_FLOP_OFFSET -> highHalf = false;
            case MASTER_CLEAR_OFFSET -> clear();
            case CLEAR_MASK_OFFSET -> mask = 0;
            case MASK_OFFSET -> mask = value & ALL;
            default -> channels[register >> 1].half(register & 1, flip(), value);
        }
        for (int i = 0; i < CHANNELS; i++) {
            if ((requests >> i & 1) != 0 && isOpen(i)) {
                channels[i].ready();
            }
        }
    }

    /** The half that this access is about; the next one is about the other. */
    private boolean flip() {
        boolean high = highHalf;
        highHalf = !high;
        return high;
    }

    private void clear() {
        command = 0;
        mask = ALL;
        ended = 0;
        softRequests = 0;
        highHalf = false;
    }

    int shift() {
        return shift;
    }

    synchronized void request(int channel, boolean level) {
        requests = level ? requests | 1 << channel : requests & ~(1 << channel);
    }

    synchronized boolean isOpen(int channel) {
        return (mask >> channel & 1) == 0 && (command & COMMAND_DISABLE_BIT) == 0;
    }

    /** The channel has come to its end. */
    void terminalCount(int channel, boolean closes) {
        ended |= 1 << channel;
        softRequests &= ~(1 << channel);
        if (closes) {
            mask |= 1 << channel;
        }
    }

    /** Where a unit of a channel lies: bit 0 of the page register does not count for words. */
    long physical(int channel, int address) {
        int page = pages.applyAsInt(channel) & ~shift;
        return (long) page << 16 | (long) address << shift;
    }

    void store(long gpa, byte value) {
        if (memory.contains(gpa, 1)) {
            memory.writeByte(gpa, value);
        }
    }

    byte load(long gpa) {
        return memory.contains(gpa, 1) ? memory.readByte(gpa) : (byte) 0xFF;
    }

    @Override
    public RegisterNames registerNames() {
        RegisterNames names = new RegisterNames("i8257");
        for (int i = 0; i < NAMES.size(); i++) {
            names.with(i << shift, NAMES.get(i));
        }
        return names;
    }

    @Override
    public synchronized void reset() {
        clear();
        requests = 0;
        for (DmaControllerChannel channel : channels) {
            channel.clear();
        }
    }

    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("command", command);
        out.putInt("mask", mask);
        out.putInt("ended", ended);
        out.putInt("requests", requests);
        out.putInt("software requests", softRequests);
        out.putBoolean("high half", highHalf);
        for (DmaControllerChannel channel : channels) {
            channel.save(out);
        }
    }

    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        command = in.getInt("command", 0, 0xFF);
        mask = in.getInt("mask", 0, ALL);
        ended = in.getInt("ended", 0, ALL);
        requests = in.getInt("requests", 0, ALL);
        softRequests = in.getInt("software requests", 0, ALL);
        highHalf = in.getBoolean("high half");
        for (DmaControllerChannel channel : channels) {
            channel.load(in);
        }
    }
}
