package jkvm.soft.kvm;

/** Ends a request that is refused in a nested call: carries the negated errno to the caller. No stack trace. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    private final int error;

    Refused(int error) {
        super(null, null, false, false);
        this.error = error;
    }

    int error() {
        return error;
    }
}
