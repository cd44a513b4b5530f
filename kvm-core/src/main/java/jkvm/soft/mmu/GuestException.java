package jkvm.soft.mmu;

/**
 * An exception of the guest's processor: thrown where an instruction raises it, caught by the loop that executes
 * instructions and delivers it to the guest's handler. Carries no stack trace. Each vCPU has one object and throws it
 * again and again, so that a guest's faults allocate nothing.
 */
public final class GuestException extends RuntimeException {
    public static final int DE = 0, DB = 1, NMI = 2, BP = 3, OF = 4, BR = 5, UD = 6, NM = 7, DF = 8, TS = 10, NP = 11,
            SS = 12, GP = 13, PF = 14, MF = 16, AC = 17, MC = 18, XM = 19;
    /** {@link #error} of an exception that pushes no error code. */
    public static final int NO_ERROR = -1;
    private static final long serialVersionUID = 1;

    /** The vector, 0 to 31. */
    public int vector;
    /** The error code that the delivery pushes, or {@link #NO_ERROR}. */
    public int error;
    /** {@link #PF}: the linear address, for CR2. {@link #DB}: the bits to set in DR6. Else 0. */
    public long payload;
    /** A #GP that came from an address that is not canonical: #SS when the access went through the stack segment. */
    public boolean notCanonical;

    public GuestException() {
        super(null, null, false, false);
    }

    /** Fills this object; to be thrown by the caller: {@code throw fault.of(UD)}. */
    public GuestException of(int vector) {
        return of(vector, NO_ERROR, 0);
    }

    /** Fills this object with an error code. */
    public GuestException of(int vector, int error) {
        return of(vector, error, 0);
    }

    /** Fills this object with an error code and a payload. */
    public GuestException of(int vector, int error, long payload) {
        this.vector = vector;
        this.error = error;
        this.payload = payload;
        this.notCanonical = false;
        return this;
    }
}
