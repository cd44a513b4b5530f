package jkvm.host.image;

/** A change of the block graph is refused; nothing has changed. The message is QEMU's where that has one. */
public final class NodeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message one line */
    public NodeException(String message) {
        super(message);
    }

    /** There is no node, nor a drive, of this name. */
    public static NodeException absent(String device, String node) {
        return new NodeException("Cannot find device='" + device + "' nor node-name='" + node + "'");
    }
}
