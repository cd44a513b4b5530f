package jkvm.device.platform;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.RegisterNames;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * QEMU's firmware configuration device. Ports: a key written to the selector as one word, then the item's bytes read
 * from the data port one by one. DMA ({@link #dma()}): the guest writes the physical address of a control structure,
 * big-endian, its upper half first; the write of the lower half carries it out. Unknown keys and reads past an item's
 * end give zeroes; of the items the guest writes those that {@link #putWritableFile} adds, by DMA.
 *
 * <p>DMA reaches guest RAM and nothing else: any other address sets the error bit, or, if it is the control
 * structure's, does nothing at all. One command fills at most the guest's memory once.
 *
 * <p>Items are set before the guest runs. The device reads them in place and does not copy them. Source: "QEMU Firmware
 * Configuration (fw_cfg) Device", QEMU's specifications.
 */
public final class FwCfg implements Device, IoHandler {
    public static final int PORT = 0x510;
    /** Ports that it decodes. */
    public static final int PORTS = 2;
    public static final int DMA_PORT = 0x514;
    /** Ports that {@link #dma()} decodes. */
    public static final int DMA_PORTS = 8;
    /** The longest name of a file. */
    public static final int MAX_FILE_NAME = 55;

    static final int SELECTOR_OFFSET = 0;
    static final int DATA_OFFSET = 1;
    static final int DMA_HIGH_OFFSET = 0;
    static final int DMA_LOW_OFFSET = 4;

    static final int DMA_CONTROL_OFFSET = 0;
    static final int DMA_LENGTH_OFFSET = 4;
    static final int DMA_ADDRESS_OFFSET = 8;
    static final int DMA_STRUCTURE_SIZE = 16;
    static final int DMA_ERROR_BIT = 1;
    static final int DMA_READ_BIT = 1 << 1;
    static final int DMA_SKIP_BIT = 1 << 2;
    static final int DMA_SELECT_BIT = 1 << 3;
    static final int DMA_WRITE_BIT = 1 << 4;
    static final int DMA_KEY_SHIFT = 16;

    public static final int SIGNATURE_KEY = 0x00;
    public static final int ID_KEY = 0x01;
    public static final int UUID_KEY = 0x02;
    /** Eight bytes. */
    public static final int RAM_SIZE_KEY = 0x03;
    /** Two bytes, as all that are not described. */
    public static final int NOGRAPHIC_KEY = 0x04;
    public static final int CPU_COUNT_KEY = 0x05;
    /** Four bytes, as all addresses, sizes and entries. */
    public static final int KERNEL_ADDRESS_KEY = 0x07;
    public static final int KERNEL_SIZE_KEY = 0x08;
    public static final int INITRD_ADDRESS_KEY = 0x0a;
    public static final int INITRD_SIZE_KEY = 0x0b;
    public static final int BOOT_MENU_KEY = 0x0e;
    public static final int MAX_CPUS_KEY = 0x0f;
    public static final int KERNEL_ENTRY_KEY = 0x10;
    /** Blobs, as all data. */
    public static final int KERNEL_DATA_KEY = 0x11;
    public static final int INITRD_DATA_KEY = 0x12;
    public static final int COMMAND_LINE_ADDRESS_KEY = 0x13;
    public static final int COMMAND_LINE_SIZE_KEY = 0x14;
    public static final int COMMAND_LINE_DATA_KEY = 0x15;
    public static final int SETUP_ADDRESS_KEY = 0x16;
    public static final int SETUP_SIZE_KEY = 0x17;
    public static final int SETUP_DATA_KEY = 0x18;
    public static final int FILE_DIRECTORY_KEY = 0x19;
    static final int FIRST_FILE_KEY = 0x20;

    /** One byte: the timer's interrupt 0 arrives at the IOAPIC's input 2. */
    public static final int TIMER_OVERRIDE_KEY = 0x8002;
    public static final int HPET_KEY = 0x8004;

    private static final int ID_TRADITIONAL_BIT = 1;
    private static final int ID_DMA_BIT = 1 << 1;
    /** "QEMU CFG" as the DMA register shows it. */
    private static final long DMA_SIGNATURE = 0x51454D5520434647L;
    private static final int ARCHITECTURE_BIT = 0x8000;
    private static final int WRITE_CHANNEL_BIT = 0x4000;
    private static final int KEYS = 0x100;
    private static final int FILE_NAME_SIZE = MAX_FILE_NAME + 1;
    private static final int FILE_ENTRY_SIZE = 8 + FILE_NAME_SIZE;
    private static final int STATE_VERSION = 2;

    private final String name;
    private final GuestMemory memory;
    private final IoHandler dma = new Dma();
    private final MemorySegment[] items = new MemorySegment[KEYS];
    private final MemorySegment[] architectureItems = new MemorySegment[KEYS];
    /** By name in ascending order, which is the order of their keys, too. */
    private final SortedMap<String, MemorySegment> files = new TreeMap<>();
    /** The items that the guest may write to, and who is to be told. */
    private final IdentityHashMap<MemorySegment, Runnable> writers = new IdentityHashMap<>();
    private int selector;
    private long position;
    /** The upper half of the DMA register, as the guest wrote it. */
    private int dmaHigh;

    /**
     * With signature, id and an empty file directory.
     *
     * @param memory where DMA goes
     */
    public FwCfg(String name, GuestMemory memory) {
        this.name = name;
        this.memory = memory;
        putBytes(SIGNATURE_KEY, "QEMU".getBytes(StandardCharsets.US_ASCII));
        putInt(ID_KEY, ID_TRADITIONAL_BIT | ID_DMA_BIT);
        writeDirectory();
    }

    /** Sets a two-byte item. */
    public void putShort(int key, int value) {
        putBytes(key, new byte[] {(byte) value, (byte) (value >> 8)});
    }

    /** Sets a four-byte item. */
    public void putInt(int key, int value) {
        putBytes(key, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    /** Sets an eight-byte item. */
    public void putLong(int key, long value) {
        putBytes(key, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    }

    public void putBytes(int key, byte[] value) {
        put(key, MemorySegment.ofArray(value));
    }

    /**
     * Sets an item.
     *
     * @param key  one of the constants, or with 0x8000 set one of the architecture's; the low 14 bits below 0x100
     * @param data read while the guest runs, by any thread; no mapping of a file that may be truncated meanwhile
     */
    public void put(int key, MemorySegment data) {
        int index = key & ~ARCHITECTURE_BIT;
        if (index < 0 || index >= KEYS) {
            throw new IllegalArgumentException("fw_cfg has no key 0x%x".formatted(key));
        }
        ((key & ARCHITECTURE_BIT) != 0 ? architectureItems : items)[index] = data;
    }

    /**
     * Adds a file to the directory, which is kept in order of the names.
     *
     * @param fileName such as {@code opt/org.example/name}, up to {@link #MAX_FILE_NAME} ASCII characters
     * @throws IllegalArgumentException if the name is too long or in use, or the directory is full
     */
    public void putFile(String fileName, byte[] content) {
        if (fileName.isEmpty() || fileName.length() > MAX_FILE_NAME) {
            throw new IllegalArgumentException("the name must have 1 to %d characters".formatted(MAX_FILE_NAME));
        }
        if (files.containsKey(fileName)) {
            throw new IllegalArgumentException("duplicate fw_cfg file name: " + fileName);
        }
        if (FIRST_FILE_KEY + files.size() >= KEYS) {
            throw new IllegalArgumentException("there are " + files.size() + " files already, as many as there can be");
        }
        files.put(fileName, MemorySegment.ofArray(content));
        writeDirectory();
    }

    /**
     * As {@link #putFile}, for a file that the guest may write to, within its size.
     *
     * @param written called after each write, with this device's lock held
     */
    public void putWritableFile(String fileName, byte[] content, Runnable written) {
        putFile(fileName, content);
        writers.put(files.get(fileName), written);
    }

    private void writeDirectory() {
        ByteBuffer directory = ByteBuffer.allocate(4 + files.size() * FILE_ENTRY_SIZE);
        directory.putInt(files.size());
        int key = FIRST_FILE_KEY;
        for (Map.Entry<String, MemorySegment> file : files.entrySet()) {
            directory.putInt((int) file.getValue().byteSize());
            directory.putShort((short) key);
            directory.putShort((short) 0);
            directory.put(Arrays.copyOf(file.getKey().getBytes(StandardCharsets.US_ASCII), FILE_NAME_SIZE));
            put(key++, file.getValue());
        }
        putBytes(FILE_DIRECTORY_KEY, directory.array());
    }

    /** The registers of {@link #DMA_PORT}. */
    public IoHandler dma() {
        return dma;
    }

    @Override
    public String name() {
        return name;
    }

    /** Reads one byte of the item; a wider read of the data port does not exist, and gives all ones. */
    @Override
    public synchronized long read(long offset, int size) {
        if (size != 1) {
            return -1;
        }
        if (offset != DATA_OFFSET) {
            return 0;
        }
        MemorySegment item = selectedItem();
        return item != null && position < item.byteSize() ? item.get(ValueLayout.JAVA_BYTE, position++) : 0;
    }

    @Override
    public synchronized void write(long offset, int size, long value) {
        if (offset == SELECTOR_OFFSET && size == 2) {
            select((int) value & 0xffff);
        }
    }

    private void select(int key) {
        selector = key;
        position = 0;
    }

    private MemorySegment selectedItem() {
        int index = selector & ~(ARCHITECTURE_BIT | WRITE_CHANNEL_BIT);
        if (index >= KEYS) {
            return null;
        }
        return ((selector & ARCHITECTURE_BIT) != 0 ? architectureItems : items)[index];
    }

    /** The address register, big-endian: reads give the signature, writes of its halves begin a transfer. */
    private final class Dma implements IoHandler {
        @Override
        public RegisterNames registerNames() {
            return new RegisterNames("fw_cfg").with(DMA_HIGH_OFFSET, "DMA_HIGH").with(DMA_LOW_OFFSET, "DMA_LOW");
        }

        @Override
        public long read(long offset, int size) {
            long value = -1;
            if (offset + size <= DMA_PORTS) {
                value = Long.reverseBytes(DMA_SIGNATURE) >>> offset * Byte.SIZE;
            }
            return value;
        }

        @Override
        public void write(long offset, int size, long value) {
            synchronized (FwCfg.this) {
                if (offset == DMA_HIGH_OFFSET && size == 4) {
                    dmaHigh = Integer.reverseBytes((int) value);
                } else if (offset == DMA_LOW_OFFSET && size == 4) {
                    long address = (long) dmaHigh << 32 | Integer.toUnsignedLong(Integer.reverseBytes((int) value));
                    dmaHigh = 0;
                    execute(address);
                }
            }
        }
    }

    /** Carries out a control structure, of which each field is read once. */
    private void execute(long structure) {
        if (!memory.contains(structure, DMA_STRUCTURE_SIZE)) {
            return;
        }
        int control = Integer.reverseBytes(memory.readInt(structure + DMA_CONTROL_OFFSET));
        long length = Integer.toUnsignedLong(Integer.reverseBytes(memory.readInt(structure + DMA_LENGTH_OFFSET)));
        long address = Long.reverseBytes(memory.readLong(structure + DMA_ADDRESS_OFFSET));
        if ((control & DMA_SELECT_BIT) != 0) {
            select(control >>> DMA_KEY_SHIFT);
        }
        boolean done = true;
        if ((control & DMA_READ_BIT) != 0) {
            done = length == 0 || transfer(address, length);
        } else if ((control & DMA_WRITE_BIT) != 0) {
            done = length == 0 || receive(address, length);
        } else if ((control & DMA_SKIP_BIT) != 0) {
            skip(length);
        }
        memory.writeInt(structure + DMA_CONTROL_OFFSET, done ? 0 : Integer.reverseBytes(DMA_ERROR_BIT));
    }

    /**
     * Copies from the item, and zeroes from its end on.
     *
     * @return false if the target is not guest RAM
     */
    private boolean transfer(long address, long length) {
        if (!memory.contains(address, length)) {
            return false;
        }
        long count = Math.min(length, remaining());
        if (count > 0) {
            memory.write(address, selectedItem(), position, count);
        }
        memory.fill(address + count, length - count, (byte) 0);
        position += count;
        return true;
    }

    /**
     * Copies into the item.
     *
     * @return false if the guest may not write there, or the source is not guest RAM
     */
    private boolean receive(long address, long length) {
        MemorySegment item = selectedItem();
        Runnable written = writers.get(item);
        if (written == null || length > remaining() || !memory.contains(address, length)) {
            return false;
        }
        memory.read(address, item, position, length);
        position += length;
        written.run();
        return true;
    }

    private void skip(long length) {
        position += Math.min(length, remaining());
    }

    private long remaining() {
        MemorySegment item = selectedItem();
        return item == null ? 0 : Math.max(0, item.byteSize() - position);
    }

    @Override
    public RegisterNames registerNames() {
        return new RegisterNames("fw_cfg").bytes(SELECTOR_OFFSET, "SELECTOR", "DATA");
    }

    @Override
    public synchronized void reset() {
        select(SIGNATURE_KEY);
        dmaHigh = 0;
    }

    /** Saves where the guest reads; the items belong to the configuration. */
    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("selector", selector);
        out.putLong("position", position);
        out.putInt("dmaHigh", dmaHigh);
    }

    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        selector = in.getInt("selector", 0, 0xffff);
        position = in.getLong("position") & Long.MAX_VALUE;
        dmaHigh = in.getInt("dmaHigh", Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
}
