package jkvm.app.options;

/**
 * QEMU's parts that jkvm does not have yet. This is the one list of them: an option that asks for one says so in a line
 * that begins with "not yet". Where the machine can do without it, it goes on; else the command ends with code 1.
 */
enum NotYet {
    ACTION("such action", false),
    AUDIO("sound", true),
    BLOCK_TUNING("limits, detection of zeroes and copies on reads of disks", true),
    BLOCK_DRIVER("such block driver", false),
    CHARDEV("such character device", false),
    CHROOT("change of its root folder", false),
    COMPATIBILITY("policies for deprecated interfaces", true),
    CPU_HOTPLUG("CPUs that are plugged into a running machine", true),
    DEBUG_LOG("such log; -d help lists those that there are", true),
    DEVICE("such device", false),
    DEVICE_TREE("device trees", false),
    DISK_ERRORS("stop at a disk's error; the guest is told of it", true),
    DISPLAY("such display", false),
    FULL_SCREEN("display to fill", true),
    FLASH("flash memory", false),
    GLOBAL("such default of its chipset's parts", true),
    GUEST_FOLDERS("folders shared with the guest", false),
    ISCSI("iSCSI", true),
    KEYMAP("such layout of keys; viewers that tell keys by QEMU's extended key events need none", true),
    MACHINE("such machine; there are pc, pc-i440fx-*, microvm and none", false),
    MACHINE_PROPERTY("choice in one of these properties", true),
    MEMORY_HOTPLUG("memory that is plugged into a running machine", true),
    MEMORY_POLICY("choice of the host's NUMA nodes for the guest's memory", true),
    MONITOR("monitor", false),
    NETWORK("such network", false),
    NUMA("such part of a NUMA configuration", false),
    OBJECT("such object", false),
    PARALLEL("parallel port", false),
    PASSED_FILES("sets of descriptors", false),
    PLUGIN("plugins", false),
    POWER_MANAGEMENT("processor that the guest alone halts", true),
    PRECONFIG("monitor for configuration before the machine is made", false),
    SANDBOX("sandbox", true),
    SD_CARD("SD cards", false),
    SMALL_MEMORY("firmware in less than 1M; this machine has 1M", true),
    SPLASH("picture for firmware to show", true),
    SPICE("Spice", false),
    SWITCH_USER("change of its user", false),
    TPM("TPM", false),
    USB("USB controller of USB 1; -device qemu-xhci is one for all", true),
    USB_DEVICE("such USB device", false),
    VGA("such display adapter; the guest has std", true),
    VM_STATE_LIST("list of what is saved", false),
    VNC_SECURITY("TLS and SASL over VNC", false);

    private final String text;
    private final boolean goesOn;

    NotYet(String text, boolean goesOn) {
        this.text = text;
        this.goesOn = goesOn;
    }

    /** The part that {@code -drive if=} asks for. */
    static NotYet of(String driveInterface) {
        return switch (driveInterface) {
            case "pflash", "mtd" -> FLASH;
            case "sd" -> SD_CARD;
            default -> DEVICE;
        };
    }

    /** True if the machine can do without it. */
    boolean goesOn() {
        return goesOn;
    }

    /** @param where the option and its value */
    String line(String where) {
        return "not yet: " + where + ": jkvm has no " + text;
    }
}
