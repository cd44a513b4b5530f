package jkvm.bios;

/**
 * Guest physical memory as the processor reaches it: RAM, ROM, the memory of a display, nothing. Reads of nothing give
 * ones, writes to ROM and to nothing have no effect; no address throws. On a vCPU's thread.
 */
public interface PhysicalMemory {

    /** Reads 8 bits, 0 to 255. */
    int readByte(long address);

    /** Writes the low 8 bits. */
    void writeByte(long address, int value);

    /** Copies {@code length} bytes of memory into an array. */
    void read(long address, byte[] target, int offset, int length);

    /** Copies {@code length} bytes of an array into memory. */
    void write(long address, byte[] source, int offset, int length);
}
