package jkvm.app.harness;

import jkvm.abi.KvmCpuidEntry2;

/**
 * Methods that a {@link Harness} calls when its guest needs user space. Each method has a default:
 * reads give all ones, writes go nowhere, a halt or a shutdown ends the run. Called on the thread that is inside {@link
 * Harness#run()}; what a callback throws comes out of it.
 *
 * <p>Values are little-endian and zero-extended. A string instruction ({@code rep outsb}) calls once for each element.
 */
public interface HarnessCallbacks {

    /**
     * One CPUID leaf that the guest is about to be given, as KVM supports it; changes to its registers change what the
     * guest sees. Called once for each leaf while the harness is created, since KVM answers the instruction itself.
     *
     * @return false to leave the leaf out
     */
    default boolean cpuid(KvmCpuidEntry2 leaf) {
        return true;
    }

    /** The guest reads 1 byte from a port. */
    default int inb(int port) {
        return 0xFF;
    }

    /** The guest reads 2 bytes from a port. */
    default int inw(int port) {
        return 0xFFFF;
    }

    /** The guest reads 4 bytes from a port. */
    default int inl(int port) {
        return -1;
    }

    /** The guest writes 1 byte to a port. */
    default void outb(int port, int value) {
    }

    /** The guest writes 2 bytes to a port. */
    default void outw(int port, int value) {
    }

    /** The guest writes 4 bytes to a port; the value fills the int, sign bit included. */
    default void outl(int port, int value) {
    }

    /**
     * The guest reads an address without memory.
     *
     * @param size 1, 2, 4 or 8 bytes; an access that the processor splits at a page's end comes byte by byte
     */
    default long mmioRead(long address, int size) {
        return -1;
    }

    /**
     * The guest writes to an address without memory.
     *
     * @param size 1, 2, 4 or 8 bytes; an access that the processor splits at a page's end comes byte by byte
     */
    default void mmioWrite(long address, int size, long value) {
    }

    /**
     * The guest executed HLT.
     *
     * @return true to go on after it, as after an interrupt
     */
    default boolean halt(Harness harness) {
        return false;
    }

    /**
     * The guest shut down: a triple fault.
     *
     * @return true to go on, which makes sense only after the registers were set anew
     */
    default boolean shutdown(Harness harness) {
        return false;
    }

    /**
     * A debug event that {@link Harness#singleStep(boolean)} or a breakpoint asked for.
     *
     * @return true to go on
     */
    default boolean debug(Harness harness) {
        return true;
    }

    /** The guest can take an interrupt now, which {@link Harness#requestInterruptWindow(boolean)} asked to be told. */
    default void interruptWindow(Harness harness) {
    }

    /** Before each entry into the guest: the place to call {@link Harness#injectInterrupt} if the guest is ready. */
    default void tryPushInterrupts(Harness harness) {
    }
}
