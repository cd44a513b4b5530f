package jkvm.machine.config;

/**
 * Something that was asked for and that the machine does without.
 *
 * @param kind    what it is
 * @param subject with what: its kind says what it is
 */
public record MachineWarning(Kind kind, String subject) {

    /** Kinds of ignored settings, and the subject of each. */
    public enum Kind {
        /** The CPU feature that the accelerator does not offer: its register, name and bit. */
        CPU_FEATURE_NOT_OFFERED,
        /** The property of the CPU that has no effect here. */
        CPU_PROPERTY_WITHOUT_EFFECT,
        /** The firmware's file that is not used, as there is a kernel. */
        FIRMWARE_NOT_USED,
        /** The image whose format nobody told and that is taken for raw: writes to its first sector are restricted. */
        IMAGE_FORMAT_GUESSED,
        /** A name for a file for firmware that may clash with the machine's own. */
        ITEM_NAME_WITHOUT_PREFIX,
        /** The ROM that firmware was to run and that is not there. */
        OPTION_ROM_ABSENT
    }
}
