package jkvm.control.gdb;

/**
 * A register as the debugger sees it.
 *
 * @param name   in the target description
 * @param bytes  that the debugger reads and writes, little-endian
 * @param type   in the target description
 * @param group  in the target description, null for the usual one
 * @param part   the struct that holds it
 * @param offset in the struct
 * @param stored bytes there; further ones of the debugger's are zero
 */
record TargetRegister(String name, int bytes, String type, String group, Part part, long offset, int stored) {

    /** A struct of KVM's with registers. */
    enum Part {
        GENERAL, SPECIAL, FPU,
        /** The tag word, of which KVM keeps one bit a register. */
        TAGS,
        /** A register that KVM does not tell; reads as zero. */
        NONE
    }

    String xml() {
        return "<reg name=\"" + name + "\" bitsize=\"" + bytes * Byte.SIZE + "\" type=\"" + type + "\""
                + (group == null ? "" : " group=\"" + group + "\"") + "/>\n";
    }
}
