package jkvm.boot;

import java.util.Optional;

/**
 * A file or its options cannot be used to boot. The message is one line without any front end's options: which file,
 * what is wrong, what to do.
 */
public final class BootException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The reasons that ask for different remedies. */
    public enum Kind {
        /** The guest has too little memory for it. */
        NOT_ENOUGH_MEMORY,
        /** A kernel of none of the formats that are known. */
        UNKNOWN_FORMAT,
        /** Any other. */
        UNUSABLE
    }

    /** The purpose of a file. */
    public enum Role {
        KERNEL("kernel"),
        INITRD("initrd"),
        /** A flat image. */
        IMAGE("image"),
        FIRMWARE("firmware"),
        /** A file that firmware and guest get by name. */
        FW_CFG_FILE("fw_cfg file"),
        /** The expansion ROM of a device. */
        ROM_FILE("romfile"),
        /** A structure of the SMBIOS tables, or a text in one. */
        SMBIOS_FILE("SMBIOS file");

        private final String text;

        Role(String text) {
            this.text = text;
        }

        /** As messages begin. */
        public String text() {
            return text;
        }
    }

    private final Kind kind;
    private final Role role;
    private final String file;
    private final String problem;

    /** For what is about no single file. */
    BootException(String problem) {
        super(problem);
        this.kind = Kind.UNUSABLE;
        this.role = null;
        this.file = "";
        this.problem = problem;
    }

    /**
     * @param file  its path as the user gave it; empty where that is no path
     * @param cause null if there is none
     */
    BootException(Kind kind, Role role, String file, String problem, Throwable cause) {
        super(role.text() + (file.isEmpty() ? "" : " " + file) + ": " + problem, cause);
        this.kind = kind;
        this.role = role;
        this.file = file;
        this.problem = problem;
    }

    public Kind kind() {
        return kind;
    }

    /** The purpose of the file, if it is about one. */
    public Optional<Role> role() {
        return Optional.ofNullable(role);
    }

    /** The file's path; empty if it is about none. */
    public String file() {
        return file;
    }

    /** The problem, which ends the message. */
    public String problem() {
        return problem;
    }
}
