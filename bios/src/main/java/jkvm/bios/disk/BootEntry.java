package jkvm.bios.disk;

/** Something that a machine may boot from, as the boot menu lists it. */
sealed interface BootEntry {

    /** Lower numbers are tried first. */
    int priority();

    /** Among those of one priority, lower numbers are tried first. */
    int rank();

    /** A drive. */
    record Drive(BootDrive drive, int priority) implements BootEntry {
        @Override
        public int rank() {
            return drive.kind().ordinal();
        }
    }

    /**
     * Code in the ROM of a device.
     *
     * @param boots   true for one that boots by itself (a boot execution vector); false for one that adds a hard disk
     *                (a boot connection vector)
     * @param segment of the ROM
     * @param entry   offset of the code
     * @param name    offset of its name, which ends with a zero; 0 for none
     */
    record Rom(boolean boots, int segment, int entry, int name, int priority) implements BootEntry {
        @Override
        public int rank() {
            return BootDrive.Kind.values().length + (boots ? 0 : 1);
        }
    }

    /** Nothing more is tried. */
    record Halt(int priority) implements BootEntry {
        @Override
        public int rank() {
            return BootDrive.Kind.values().length + 2;
        }
    }
}
