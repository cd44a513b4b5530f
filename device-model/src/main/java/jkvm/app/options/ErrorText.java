package jkvm.app.options;

import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import jkvm.boot.BootException;
import jkvm.bus.ConfigurationException;
import jkvm.host.HostException;
import jkvm.host.disk.DiskException;
import jkvm.host.net.NetworkException;
import jkvm.host.usernet.ForwardException;
import jkvm.linux.LinuxException;
import jkvm.vm.MissingCapabilityException;

/**
 * Puts the errors of all floors into words for the command line: what is wrong, with what, and what to do, with the
 * names of options. The exceptions themselves know no options.
 */
public final class ErrorText {
    private static final int FAILURE = 1;
    /** Ports below need a privilege. */
    private static final int FIRST_FREE_PORT = 1024;

    private ErrorText() {
    }

    /**
     * Prints the line for an error that the user can mend.
     *
     * @param e thrown again if it is a defect of jkvm's instead
     * @return the exit code
     */
    public static int report(RuntimeException e, PrintStream err) {
        err.println("jkvm: " + of(e).orElseThrow(() -> e));
        return FAILURE;
    }

    /** The line for an error that the user can mend; empty if it is none of those. */
    public static Optional<String> of(RuntimeException e) {
        return switch (e) {
            case HostException host -> Optional.of(text(host));
            case ConfigurationException _, BootException _, LinuxException _, MissingCapabilityException _,
                    UncheckedIOException _ -> Optional.of(e.getMessage());
            default -> Optional.empty();
        };
    }

    private static String text(HostException e) {
        return switch (e) {
            case DiskException disk -> e.getMessage() + remedy(disk.kind());
            case NetworkException network -> text(network);
            case ForwardException forward -> "hostfwd: " + e.getMessage() + "; " + remedy(forward);
            default -> e.getMessage();
        };
    }

    private static String remedy(DiskException.Kind kind) {
        return switch (kind) {
            case NOT_WRITABLE -> "; readonly=on uses it without writing to it";
            case NO_DIRECT_ACCESS -> ": use another cache mode than none";
            case UNKNOWN_FORMAT -> ": name it, format=raw or format=qcow2";
            case QCOW2_IN_RAW ->
                    ": use format=qcow2 if it is one; the bytes can be read with format=raw and readonly=on";
            case UNKNOWN_BACKING_FORMAT ->
                    ": write it into the image with \"qemu-img rebase -u -b FILE -F FORMAT\"";
            case TOO_MANY_BACKING_FILES -> "; merge some with \"convert\"";
            case MARKED_CORRUPT -> ": repair a copy with \"check -r all\", or open it read-only";
            case CLUSTERS_TOO_SMALL -> ": choose a larger cluster_size";
            case NO_TEMPORARY_FILE -> "; set TMPDIR to a folder with room";
            case NOT_FOUND, NOT_QCOW2, BACKING_LOOP, IN_USE, UNUSABLE -> "";
        };
    }

    private static String text(NetworkException e) {
        return switch (e.kind()) {
            case NO_TAP -> "-netdev tap: " + e.reason() + "; " + tapRemedy(e);
            case TAP_WITH_COUNTED_TIME -> "-netdev tap: with -icount frames come at counts of instructions, those of a"
                    + " tap at any time; use -netdev user";
            case CANNOT_LISTEN -> "-netdev socket: " + e.getMessage() + "; choose another address or port";
            case CANNOT_CONNECT -> "-netdev socket: " + e.getMessage() + "; start the side with listen= first";
            case CANNOT_CAPTURE -> "-object filter-dump,id=" + e.subject() + ": " + e.getMessage()
                    + "; name a file in a folder that you may write to";
        };
    }

    private static String tapRemedy(NetworkException e) {
        String name = e.subject();
        return switch (((LinuxException) e.getCause()).errno()) {
            case ENOENT, ENODEV, ENXIO -> "this kernel has no tap interfaces yet: `modprobe tun` as root";
            case EBUSY -> "another program has it: end that, or name another interface with ifname=";
            case EINVAL -> name + " is no tap interface: name one that is, or one that is not there yet, with ifname=";
            default -> "make the interface with `ip tuntap add dev " + (name.isEmpty() ? "NAME" : name)
                    + " mode tap user USER` as root" + (name.isEmpty() ? ", and name it with ifname=NAME" : "");
        };
    }

    private static String remedy(ForwardException e) {
        if (e.reason().startsWith("Cannot assign")) {
            return "name an address of this host, or none for all of them";
        }
        boolean privileged = e.reason().startsWith("Permission") && e.forward().hostPort() < FIRST_FREE_PORT;
        return privileged ? "choose a port from " + FIRST_FREE_PORT + " on" : "choose another port";
    }
}
