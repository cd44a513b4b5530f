package jkvm.tables;

/** The texts of SMBIOS structures that a user can set, by QEMU's names. */
public enum SmbiosText {
    FIRMWARE_VENDOR(0, "vendor"),
    FIRMWARE_VERSION(0, "version"),
    FIRMWARE_DATE(0, "date"),
    SYSTEM_MANUFACTURER(1, "manufacturer"),
    SYSTEM_PRODUCT(1, "product"),
    SYSTEM_VERSION(1, "version"),
    SYSTEM_SERIAL(1, "serial"),
    SYSTEM_SKU(1, "sku"),
    SYSTEM_FAMILY(1, "family"),
    BOARD_MANUFACTURER(2, "manufacturer"),
    BOARD_PRODUCT(2, "product"),
    BOARD_VERSION(2, "version"),
    BOARD_SERIAL(2, "serial"),
    BOARD_ASSET(2, "asset"),
    BOARD_LOCATION(2, "location"),
    CHASSIS_MANUFACTURER(3, "manufacturer"),
    CHASSIS_VERSION(3, "version"),
    CHASSIS_SERIAL(3, "serial"),
    CHASSIS_ASSET(3, "asset"),
    CHASSIS_SKU(3, "sku"),
    /** The socket's number follows it. */
    PROCESSOR_SOCKET(4, "sock_pfx"),
    PROCESSOR_MANUFACTURER(4, "manufacturer"),
    PROCESSOR_VERSION(4, "version"),
    PROCESSOR_SERIAL(4, "serial"),
    PROCESSOR_ASSET(4, "asset"),
    PROCESSOR_PART(4, "part"),
    /** The module's number follows it. */
    MEMORY_LOCATOR(17, "loc_pfx"),
    MEMORY_BANK(17, "bank"),
    MEMORY_MANUFACTURER(17, "manufacturer"),
    MEMORY_SERIAL(17, "serial"),
    MEMORY_ASSET(17, "asset"),
    MEMORY_PART(17, "part");

    private final int type;
    private final String property;

    SmbiosText(int type, String property) {
        this.type = type;
        this.property = property;
    }

    /** The number of the structures' type. */
    public int type() {
        return type;
    }

    /** QEMU's name in a structure of this type. */
    public String property() {
        return property;
    }
}
