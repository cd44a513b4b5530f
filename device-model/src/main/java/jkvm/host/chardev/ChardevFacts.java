package jkvm.host.chardev;

/**
 * A chardev at one moment.
 *
 * @param place  its host side as QEMU writes it: {@code stdio}, {@code pty:/dev/pts/3}, {@code unix:PATH,server=on};
 *               {@code disconnected:} comes first where the other side of a socket is not there
 * @param isUsed true if a device or a monitor has it
 */
public record ChardevFacts(String label, String place, boolean isUsed) {
}
