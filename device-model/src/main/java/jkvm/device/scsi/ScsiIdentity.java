package jkvm.device.scsi;

/**
 * The names of a unit as INQUIRY tells them, ASCII.
 *
 * @param vendor   up to 8 characters
 * @param product  up to 16
 * @param revision up to 4
 * @param serial   up to 20, empty for none
 * @param device   up to 20: what the unit is known by; empty for none
 * @param isAtapi  whether a packet interface carries the commands, and no SCSI transport
 */
public record ScsiIdentity(String vendor, String product, String revision, String serial, String device,
        boolean isAtapi) {

    /** Of a unit that is known by its serial number, with a packet interface. */
    public ScsiIdentity(String vendor, String product, String revision, String serial) {
        this(vendor, product, revision, serial, serial, true);
    }

    /** Puts vendor, product and revision into the data of INQUIRY. */
    void put(byte[] to) {
        put(to, 8, vendor, 8);
        put(to, 16, product, 16);
        put(to, 32, revision, 4);
    }

    private static void put(byte[] to, int at, String text, int length) {
        for (int i = 0; i < length; i++) {
            to[at + i] = (byte) (i < text.length() ? text.charAt(i) : ' ');
        }
    }
}
