package jkvm.platform;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.StateReader;
import jkvm.bus.StateWriter;

/**
 * QEMU's firmware configuration device, port interface: a key written to the selector as one word, then the item's
 * bytes read from the data port one by one. Unknown keys and reads past an item's end give zeroes; writes to the data
 * port are ignored.
 *
 * <p>Items are set before the guest runs. The device reads them in place and does not copy them.
 */
public final class FwCfg implements Device, IoHandler {
    public static final int PORT = 0x510;
    /** Ports that it decodes. */
    public static final int PORTS = 2;

    static final int SELECTOR_OFFSET = 0;
    static final int DATA_OFFSET = 1;

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

    /** The traditional interface; bit 1 would offer DMA. */
    private static final int ID_TRADITIONAL = 1;
    private static final int ARCHITECTURE_BIT = 0x8000;
    private static final int WRITE_CHANNEL_BIT = 0x4000;
    private static final int KEYS = 0x100;
    private static final int FILE_NAME_SIZE = 56;
    private static final int FILE_ENTRY_SIZE = 8 + FILE_NAME_SIZE;
    private static final int STATE_VERSION = 1;

    private final String name;
    private final MemorySegment[] items = new MemorySegment[KEYS];
    private final MemorySegment[] architectureItems = new MemorySegment[KEYS];
    private final List<String> fileNames = new ArrayList<>();
    private int selector;
    private long position;

    /** With signature, id and an empty file directory. */
    public FwCfg(String name) {
        this.name = name;
        putBytes(SIGNATURE_KEY, "QEMU".getBytes(StandardCharsets.US_ASCII));
        putInt(ID_KEY, ID_TRADITIONAL);
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
     * @param data read while the guest runs, by any thread; no mapping of a file that may be cut short meanwhile
     */
    public void put(int key, MemorySegment data) {
        int index = key & ~ARCHITECTURE_BIT;
        if (index < 0 || index >= KEYS) {
            throw new IllegalArgumentException("fw_cfg has no key 0x%x".formatted(key));
        }
        ((key & ARCHITECTURE_BIT) != 0 ? architectureItems : items)[index] = data;
    }

    /**
     * Adds a file to the directory.
     *
     * @param fileName such as {@code opt/org.example/name}, up to 55 ASCII characters
     * @throws IllegalArgumentException if the name is too long or the directory is full
     */
    public void putFile(String fileName, byte[] content) {
        if (fileName.length() >= FILE_NAME_SIZE || FIRST_FILE_KEY + fileNames.size() >= KEYS) {
            throw new IllegalArgumentException("fw_cfg takes no file " + fileName);
        }
        putBytes(FIRST_FILE_KEY + fileNames.size(), content);
        fileNames.add(fileName);
        writeDirectory();
    }

    private void writeDirectory() {
        ByteBuffer directory = ByteBuffer.allocate(4 + fileNames.size() * FILE_ENTRY_SIZE);
        directory.putInt(fileNames.size());
        for (int i = 0; i < fileNames.size(); i++) {
            directory.putInt((int) items[FIRST_FILE_KEY + i].byteSize());
            directory.putShort((short) (FIRST_FILE_KEY + i));
            directory.putShort((short) 0);
            byte[] padded = new byte[FILE_NAME_SIZE];
            byte[] encoded = fileNames.get(i).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(encoded, 0, padded, 0, encoded.length);
            directory.put(padded);
        }
        putBytes(FILE_DIRECTORY_KEY, directory.array());
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
            selector = (int) value & 0xffff;
            position = 0;
        }
    }

    private MemorySegment selectedItem() {
        int index = selector & ~(ARCHITECTURE_BIT | WRITE_CHANNEL_BIT);
        if (index >= KEYS) {
            return null;
        }
        return ((selector & ARCHITECTURE_BIT) != 0 ? architectureItems : items)[index];
    }

    @Override
    public synchronized void reset() {
        selector = SIGNATURE_KEY;
        position = 0;
    }

    /** Saves where the guest reads; the items belong to the configuration. */
    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("selector", selector);
        out.putLong("position", position);
    }

    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        selector = in.getInt("selector", 0, 0xffff);
        position = in.getLong("position") & Long.MAX_VALUE;
    }
}
