package jkvm.soft.kvm;

/** A request that is refused deep inside: carries the negated errno to where it is answered. No stack trace. */
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
