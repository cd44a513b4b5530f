package jkvm.app.options;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import jkvm.tables.AcpiSettings;
import jkvm.tables.NumaSettings;
import jkvm.tables.SleepStates;

/**
 * Reads {@code -acpitable}: a table from files, whole ({@code file=}) or without its header ({@code data=}). Header
 * fields that are given replace those that are there; length and checksum are made right.
 */
final class AcpiTableOptions {
    private static final int HEADER_SIZE = 36, LENGTH = 4, CHECKSUM = 9;
    /** All tables have to fit below 1 MiB where there is no firmware. */
    private static final int MAX_SIZE = 16 << 10;
    private static final int QEMUS_MAX_SIZE = 65535;
    private static final String DEFAULT_HEADER = "QEMU\0\0\0\0\1\0QEMUQEQEMUQEMU\1\0\0\0QEMU\1\0\0\0";

    /** A field of the header. */
    private enum Field {
        SIG(0, 4), REV(8, 1), OEM_ID(10, 6), OEM_TABLE_ID(16, 8), OEM_REV(24, 4), ASL_COMPILER_ID(28, 4),
        ASL_COMPILER_REV(32, 4);

        private final int offset;
        private final int size;

        Field(int offset, int size) {
            this.offset = offset;
            this.size = size;
        }

        private String property() {
            return name().toLowerCase(Locale.ROOT);
        }

        private boolean isNumber() {
            return this == REV || this == OEM_REV || this == ASL_COMPILER_REV;
        }

        private void put(byte[] table, String value) {
            for (int i = 0; i < size; i++) {
                table[offset + i] = isNumber() ? (byte) (Long.decode(value) >>> 8 * i)
                        : i < value.length() ? (byte) value.charAt(i) : 0;
            }
        }
    }

    private final List<byte[]> tables = new ArrayList<>();

    void add(ConfigBuilder config, String text) {
        String where = "-acpitable " + text;
        Map<String, String> given = OptionSchema.of("").text("sig", "oem_id", "oem_table_id", "asl_compiler_id",
                "file", "data").number("rev", "oem_rev", "asl_compiler_rev").read("-acpitable", text);
        if (given.containsKey("file") == given.containsKey("data")) {
            throw new UsageException(where + ": '-acpitable' requires one of 'data' or 'file'");
        }
        boolean isWhole = given.containsKey("file");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (!isWhole) {
            bytes.writeBytes(DEFAULT_HEADER.getBytes(StandardCharsets.ISO_8859_1));
        }
        for (String file : given.getOrDefault("file", given.get("data")).split(":")) {
            bytes.writeBytes(read(where, file));
        }
        byte[] table = bytes.toByteArray();
        if (table.length > QEMUS_MAX_SIZE) {
            throw new UsageException(where + ": ACPI table too big, requested: " + table.length + ", max: "
                    + QEMUS_MAX_SIZE);
        }
        if (table.length < HEADER_SIZE) {
            throw new UsageException(where + ": ACPI table claims to have header, but is too short: " + table.length
                    + " bytes");
        }
        int said = ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).getInt(LENGTH);
        if (isWhole && said != table.length) {
            config.warnings.add(where + ": ACPI table has wrong length, header says "
                    + Integer.toUnsignedString(said) + ", actual size " + table.length + " bytes");
        }
        boolean changes = false;
        for (Field field : Field.values()) {
            Optional<String> value = Optional.ofNullable(given.get(field.property()));
            value.ifPresent(each -> field.put(table, each));
            changes |= value.isPresent();
        }
        if (!isWhole && !changes) {
            config.warnings.add(where + ": ACPI table: no headers are specified");
        }
        finish(where, table);
    }

    private static byte[] read(String where, String file) {
        try {
            return Files.readAllBytes(ChardevOptions.path(where, file));
        } catch (IOException e) {
            throw new UsageException(where + ": can't open file " + file + ": " + e.getMessage());
        }
    }

    private void finish(String where, byte[] table) {
        ByteBuffer.wrap(table).order(ByteOrder.LITTLE_ENDIAN).putInt(LENGTH, table.length);
        table[CHECKSUM] = 0;
        int sum = 0;
        for (byte each : table) {
            sum += each;
        }
        table[CHECKSUM] = (byte) -sum;
        tables.add(table);
        if (tables.stream().mapToInt(each -> each.length).sum() > MAX_SIZE) {
            throw new UsageException(where + ": tables of the user's take more than " + MAX_SIZE + " bytes");
        }
    }

    AcpiSettings settings(SleepStates sleep, Optional<NumaSettings> numa) {
        return tables.isEmpty() && numa.isEmpty() && sleep == SleepStates.ALL ? AcpiSettings.DEFAULT
                : new AcpiSettings(sleep, tables, numa);
    }
}
