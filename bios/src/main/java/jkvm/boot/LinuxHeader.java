package jkvm.boot;

import java.nio.ByteBuffer;

/** The setup header of a Linux kernel (Linux Documentation/arch/x86/boot.rst); unsigned values. */
final class LinuxHeader {
    /** Where the header begins, in the file and in the zero page. */
    static final int START = 0x1F1;
    static final int SYSSIZE_OFFSET = 0x1F4;
    static final int VID_MODE_OFFSET = 0x1FA;
    static final int JUMP_LENGTH_OFFSET = 0x201;
    static final int MAGIC_OFFSET = 0x202;
    static final int VERSION_OFFSET = 0x206;
    static final int TYPE_OF_LOADER_OFFSET = 0x210;
    static final int LOADFLAGS_OFFSET = 0x211;
    static final int CODE32_START_OFFSET = 0x214;
    static final int RAMDISK_IMAGE_OFFSET = 0x218;
    static final int RAMDISK_SIZE_OFFSET = 0x21C;
    static final int CMD_LINE_PTR_OFFSET = 0x228;
    static final int INITRD_ADDR_MAX_OFFSET = 0x22C;
    static final int XLOADFLAGS_OFFSET = 0x236;
    static final int CMDLINE_SIZE_OFFSET = 0x238;
    static final int PREF_ADDRESS_OFFSET = 0x258;
    static final int INIT_SIZE_OFFSET = 0x260;
    static final int HANDOVER_OFFSET = 0x264;

    static final int OLDEST_VERSION = 0x20C;
    static final int LOADED_HIGH = 1;
    static final int XLF_KERNEL_64 = 1;
    static final int SECTOR = 512;

    private static final int MAGIC = 0x53726448;
    private static final int BOOT_FLAG_OFFSET = 0x1FE;
    private static final int BOOT_FLAG = 0xAA55;
    /** Where the zero page has other things again. */
    private static final int LONGEST_END = 0x290;
    private static final int SYSSIZE_UNIT = 16;

    private final BootFile file;
    private final ByteBuffer bytes;

    private LinuxHeader(BootFile file, ByteBuffer bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /** True where the file has the magic of a Linux kernel, good or bad. */
    static boolean isLinux(BootFile file) {
        return file.contains(MAGIC_OFFSET, Integer.BYTES) && file.read(MAGIC_OFFSET, Integer.BYTES).getInt(0) == MAGIC;
    }

    static LinuxHeader read(BootFile file) {
        if (!file.contains(0, LONGEST_END)) {
            throw file.error("is truncated: %d bytes are too few for a Linux kernel".formatted(file.size()));
        }
        return new LinuxHeader(file, file.read(0, LONGEST_END));
    }

    /** True where {@link #check} would not complain about the protocol or a missing 64-bit entry. */
    boolean isSupported() {
        return version() >= OLDEST_VERSION && (u16(XLOADFLAGS_OFFSET) & XLF_KERNEL_64) != 0;
    }

    /** @throws BootException if this is no 64-bit kernel that was built for protocol 2.12 or later, or is not whole */
    void check() {
        if (u16(BOOT_FLAG_OFFSET) != BOOT_FLAG) {
            throw file.error("has the Linux magic but no boot flag 0xAA55; the file is damaged");
        }
        if (version() < OLDEST_VERSION) {
            throw file.error("has boot protocol %d.%02d; jkvm boots 2.12 and later (Linux 3.8, 64 bits)".formatted(
                    version() >>> 8, version() & 0xFF));
        }
        if (end() < HANDOVER_OFFSET || end() > LONGEST_END) {
            throw file.error("has a setup header that ends at 0x%x; the file is damaged".formatted(end()));
        }
        if ((bytes.get(LOADFLAGS_OFFSET) & LOADED_HIGH) == 0) {
            throw file.error("is a zImage that loads low; build a bzImage");
        }
        if ((u16(XLOADFLAGS_OFFSET) & XLF_KERNEL_64) == 0) {
            throw file.error("has no 64-bit entry point; build the kernel with CONFIG_64BIT");
        }
        if (setupSectors() == 0 || codeOffset() >= file.size()) {
            throw file.error("has %d setup sectors in a file of %d bytes; the file is damaged".formatted(setupSectors(),
                    file.size()));
        }
        if (u32(SYSSIZE_OFFSET) * SYSSIZE_UNIT > (codeSize() + SYSSIZE_UNIT - 1 & -SYSSIZE_UNIT)) {
            throw file.error("is truncated: the header announces %d bytes of kernel, the file has %d".formatted(
                    u32(SYSSIZE_OFFSET) * SYSSIZE_UNIT, codeSize()));
        }
    }

    int version() {
        return u16(VERSION_OFFSET);
    }

    /** First offset after the header. */
    int end() {
        return MAGIC_OFFSET + Byte.toUnsignedInt(bytes.get(JUMP_LENGTH_OFFSET));
    }

    private int setupSectors() {
        return Byte.toUnsignedInt(bytes.get(START));
    }

    /** Where the protected-mode kernel begins in the file. */
    long codeOffset() {
        return (setupSectors() + 1L) * SECTOR;
    }

    long codeSize() {
        return file.size() - codeOffset();
    }

    /** Where the kernel likes to be, and unpacks itself if it is elsewhere. */
    long preferredAddress() {
        return bytes.getLong(PREF_ADDRESS_OFFSET);
    }

    /** How much memory it needs from there on before it knows the memory map. */
    long initSize() {
        return u32(INIT_SIZE_OFFSET);
    }

    /** The highest address that an initial RAM disk may occupy. */
    long initrdAddressMax() {
        return u32(INITRD_ADDR_MAX_OFFSET);
    }

    /** Longest command line, without its zero byte. */
    long commandLineSize() {
        return u32(CMDLINE_SIZE_OFFSET);
    }

    /** Copies the header to the same offsets of a zero page. */
    void copyTo(ByteBuffer zeroPage) {
        zeroPage.put(START, bytes, START, end() - START);
    }

    private int u16(int offset) {
        return Short.toUnsignedInt(bytes.getShort(offset));
    }

    private long u32(int offset) {
        return Integer.toUnsignedLong(bytes.getInt(offset));
    }
}
