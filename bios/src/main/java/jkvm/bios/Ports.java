package jkvm.bios;

/**
 * The I/O ports of the machine's devices, as IN and OUT reach them. The interrupt controllers and the interval timer
 * may be elsewhere (in the kernel) and not among them: the ROM's code programs these. On a vCPU's thread.
 */
public interface Ports {

    /** Reads 8 bits; 255 where there is nothing. */
    int in(int port);

    /** Writes the low 8 bits. */
    void out(int port, int value);

    /** Reads 16 bits. */
    int inWord(int port);

    /** Writes the low 16 bits. */
    void outWord(int port, int value);

    /** Reads 32 bits. */
    int inInt(int port);

    /** Writes 32 bits. */
    void outInt(int port, int value);
}
