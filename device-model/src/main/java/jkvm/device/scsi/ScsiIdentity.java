package jkvm.device.scsi;

/**
 * The names of a unit as INQUIRY tells them, ASCII.
 *
 * @param vendor   up to 8 characters
 * @param product  up to 16
 * @param revision up to 4
 * @param serial   up to 20
 */
public record ScsiIdentity(String vendor, String product, String revision, String serial) {

    /** Puts a text into an array, filled up with blanks. */
    static void put(byte[] to, int at, String text, int length) {
        for (int i = 0; i < length; i++) {
            to[at + i] = (byte) (i < text.length() ? text.charAt(i) : ' ');
        }
    }
}
