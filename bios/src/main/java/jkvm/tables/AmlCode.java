package jkvm.tables;

/**
 * The part of ACPI machine language (ACPI 6.4 section 20.2.5) that runs: methods, their statements and expressions, and
 * the ports that they access. Beside {@link Aml}, whose rules for names hold here, too.
 */
final class AmlCode {
    /** The first and the second argument of a method. */
    static final byte[] ARG0 = {0x68};
    static final byte[] ARG1 = {0x69};

    private static final int METHOD_OP = 0x14;
    private static final int EXT_OP_PREFIX = 0x5B;
    private static final int MUTEX_OP = 0x01;
    private static final int ACQUIRE_OP = 0x23;
    private static final int RELEASE_OP = 0x27;
    private static final int REGION_OP = 0x80;
    private static final int FIELD_OP = 0x81;
    private static final int STORE_OP = 0x70;
    private static final int SHIFT_LEFT_OP = 0x79;
    private static final int AND_OP = 0x7B;
    private static final int NOTIFY_OP = 0x86;
    private static final int IF_OP = 0xA0;
    private static final int NO_TARGET = 0x00;
    private static final int SYSTEM_IO = 1;
    private static final int WORD_ACCESS_WRITE_AS_ZEROS = 0x43;
    private static final int FOREVER = 0xFFFF;

    private AmlCode() {
    }

    /** {@code Method (name, arguments, NotSerialized) { terms }}. */
    static byte[] method(String name, int arguments, byte[]... terms) {
        byte[] head = new TableWriter().bytes(Aml.nameString(name)).u8(arguments).toBytes();
        return Aml.packaged(new TableWriter().u8(METHOD_OP), head, terms);
    }

    /**
     * {@code OperationRegion (name, SystemIO, port, …)} with a {@code Field} of one double word for each of the names.
     */
    static byte[] ports(String name, int port, String... registers) {
        TableWriter out = new TableWriter().u8(EXT_OP_PREFIX).u8(REGION_OP).bytes(Aml.nameString(name)).u8(SYSTEM_IO);
        out.bytes(Aml.integer(port)).bytes(Aml.integer(registers.length * Integer.BYTES));
        TableWriter fields = new TableWriter().bytes(Aml.nameString(name)).u8(WORD_ACCESS_WRITE_AS_ZEROS);
        for (String register : registers) {
            fields.bytes(Aml.nameString(register)).u8(Integer.SIZE);
        }
        TableWriter field = new TableWriter().u8(EXT_OP_PREFIX).u8(FIELD_OP);
        return out.bytes(Aml.packaged(field, fields.toBytes())).toBytes();
    }

    /** {@code Mutex (name, 0)}. */
    static byte[] mutex(String name) {
        return new TableWriter().u8(EXT_OP_PREFIX).u8(MUTEX_OP).bytes(Aml.nameString(name)).u8(0).toBytes();
    }

    /** The terms between {@code Acquire (mutex, 0xFFFF)} and {@code Release (mutex)}. */
    static byte[] holding(String mutex, byte[]... terms) {
        TableWriter out = new TableWriter().u8(EXT_OP_PREFIX).u8(ACQUIRE_OP).bytes(Aml.nameString(mutex)).u16(FOREVER);
        for (byte[] term : terms) {
            out.bytes(term);
        }
        return out.u8(EXT_OP_PREFIX).u8(RELEASE_OP).bytes(Aml.nameString(mutex)).toBytes();
    }

    /** {@code target = value}. */
    static byte[] store(byte[] value, String target) {
        return new TableWriter().u8(STORE_OP).bytes(value).bytes(Aml.nameString(target)).toBytes();
    }

    /** {@code value << count}. */
    static byte[] shiftLeft(byte[] value, byte[] count) {
        return new TableWriter().u8(SHIFT_LEFT_OP).bytes(value).bytes(count).u8(NO_TARGET).toBytes();
    }

    /** {@code one & other}. */
    static byte[] and(byte[] one, byte[] other) {
        return new TableWriter().u8(AND_OP).bytes(one).bytes(other).u8(NO_TARGET).toBytes();
    }

    /** {@code If (condition) { terms }}. */
    static byte[] when(byte[] condition, byte[]... terms) {
        return Aml.packaged(new TableWriter().u8(IF_OP), condition, terms);
    }

    /** {@code Notify (object, value)}. */
    static byte[] tell(String object, byte[] value) {
        return new TableWriter().u8(NOTIFY_OP).bytes(Aml.nameString(object)).bytes(value).toBytes();
    }

    /** The value of a name, or the call of a method: {@code name (arguments)}. */
    static byte[] call(String name, byte[]... arguments) {
        TableWriter out = new TableWriter().bytes(Aml.nameString(name));
        for (byte[] argument : arguments) {
            out.bytes(argument);
        }
        return out.toBytes();
    }
}
