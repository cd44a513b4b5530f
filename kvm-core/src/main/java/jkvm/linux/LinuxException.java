package jkvm.linux;

/** A system call failed. The message is one line: call, errno, its meaning, and where there is one a hint. */
public class LinuxException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String call;
    private final int errnoCode;

    /** @param code the positive error number */
    public LinuxException(String call, int code) {
        this(call, code, "");
    }

    /**
     * @param code the positive error number
     * @param hint what the user can do about it, or empty
     */
    public LinuxException(String call, int code, String hint) {
        super(message(call, code, hint));
        this.call = call;
        this.errnoCode = code;
    }

    private static String message(String call, int code, String hint) {
        Errno errno = Errno.of(code);
        String name = errno == Errno.UNKNOWN ? "errno " + code : errno.name();
        String text = call + ": " + name + " (" + errno.text() + ")";
        return hint.isEmpty() ? text : text + "; " + hint;
    }

    /** The call that failed, such as {@code KVM_CREATE_VM} or {@code open /dev/kvm}. */
    public String call() {
        return call;
    }

    /** The errno as a constant; {@link Errno#UNKNOWN} for a rare one, see {@link #errnoCode()}. */
    public Errno errno() {
        return Errno.of(errnoCode);
    }

    /** The positive error number. */
    public int errnoCode() {
        return errnoCode;
    }
}
