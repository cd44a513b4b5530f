package jkvm.control.migrate;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The settings of migrations, as QEMU names them ({@code MigrateSetParameters} in QMP). */
public enum MigrationParameter {
    ANNOUNCE_INITIAL("announce-initial", 50, 0, 100_000, "ms", "to 100000"),
    ANNOUNCE_MAX("announce-max", 550, 0, 100_000, "ms", "to 100000"),
    ANNOUNCE_ROUNDS("announce-rounds", 5, 0, 1000, "", "to 1000"),
    ANNOUNCE_STEP("announce-step", 100, 0, 10_000, "ms", "to 10000"),
    /** 1 to 9; 0 stores pages as they are. */
    COMPRESS_LEVEL("compress-level", 1, 0, 9, "", "a value between 0 and 9"),
    COMPRESS_THREADS("compress-threads", 8, 1, 255, "", "a value between 1 and 255"),
    COMPRESS_WAIT_THREAD("compress-wait-thread", true),
    DECOMPRESS_THREADS("decompress-threads", 2, 1, 255, "", "a value between 1 and 255"),
    /** Percentage of what was sent that the guest has to dirty before it is slowed down. */
    THROTTLE_TRIGGER_THRESHOLD("throttle-trigger-threshold", 50, 1, 100, "", "an integer in the range of 1 to 100"),
    CPU_THROTTLE_INITIAL("cpu-throttle-initial", 20, 1, 99, "", "an integer in the range of 1 to 99"),
    CPU_THROTTLE_INCREMENT("cpu-throttle-increment", 10, 1, 99, "", "an integer in the range of 1 to 99"),
    CPU_THROTTLE_TAILSLOW("cpu-throttle-tailslow", false),
    MAX_CPU_THROTTLE("max-cpu-throttle", 99, 1, 99, "", "an integer in the range of cpu_throttle_initial to 99"),
    TLS_CREDS("tls-creds", ""),
    TLS_HOSTNAME("tls-hostname", ""),
    /** Bytes a second; 0 for no limit. */
    MAX_BANDWIDTH("max-bandwidth", 128L << 20, Long.MIN_VALUE, Long.MAX_VALUE, "bytes/second", ""),
    DOWNTIME_LIMIT("downtime-limit", 300, 0, 2_000_000, "ms", "an integer in the range of 0 to (2000 * 1000) ms"),
    CHECKPOINT_DELAY("x-checkpoint-delay", 20_000, 0, 0xFFFF_FFFFL, "ms", ""),
    BLOCK_INCREMENTAL("block-incremental", false),
    MULTIFD_CHANNELS("multifd-channels", 2, 1, 255, "", "a value between 1 and 255"),
    MULTIFD_COMPRESSION("multifd-compression", "none"),
    MULTIFD_ZLIB_LEVEL("multifd-zlib-level", 1, 0, 9, null, "a value between 0 and 9"),
    MULTIFD_ZSTD_LEVEL("multifd-zstd-level", 1, 0, 20, null, "a value between 0 and 20"),
    XBZRLE_CACHE_SIZE("xbzrle-cache-size", 64L << 20, 4096, Long.MAX_VALUE, "bytes",
            "a power of two no less than the target page size"),
    /** Bytes a second; 0 for no limit. */
    MAX_POSTCOPY_BANDWIDTH("max-postcopy-bandwidth", 0, Long.MIN_VALUE, Long.MAX_VALUE, "", ""),
    TLS_AUTHZ("tls-authz", "");

    private final String text;
    private final Object initial;
    private final long least;
    private final long most;
    private final String unit;
    private final String range;

    MigrationParameter(String text, Object initial) {
        this(text, initial, 0, 0, "", "");
    }

    MigrationParameter(String text, long initial, long least, long most, String unit, String range) {
        this(text, (Object) initial, least, most, unit, range);
    }

    MigrationParameter(String text, Object initial, long least, long most, String unit, String range) {
        this.text = text;
        this.initial = initial;
        this.least = least;
        this.most = most;
        this.unit = unit;
        this.range = range;
    }

    /** The parameter with QEMU's name {@code name}; empty if there is none. */
    public static Optional<MigrationParameter> find(String name) {
        return Arrays.stream(values()).filter(each -> each.text.equals(name)).findFirst();
    }

    /** The name in QMP. */
    public String text() {
        return text;
    }

    /** The value before anybody sets it: a {@link Long}, a {@link Boolean} or a {@link String}. */
    public Object initial() {
        return initial;
    }

    /** The unit after the value in the human monitor, empty for none. */
    public String unit() {
        return unit == null ? "" : unit;
    }

    /** Whether the human monitor lists it. */
    public boolean isListed() {
        return unit != null;
    }

    /** True for a number that people write with a suffix: bytes, or bytes a second. */
    public boolean isSize() {
        return List.of(MAX_BANDWIDTH, XBZRLE_CACHE_SIZE, MAX_POSTCOPY_BANDWIDTH).contains(this);
    }

    /** The reason why the parameter cannot have a value; empty if it can. */
    Optional<String> refusal(Object value) {
        String name = text.replace('-', '_');
        if (value instanceof Long number && (number < least || number > most)) {
            return Optional.of("Parameter '%s' expects %s".formatted(name, range));
        }
        if (this == MULTIFD_COMPRESSION && !initial.equals(value)) {
            return Optional.of("not yet: multifd-compression: jkvm has no migration over several connections");
        }
        if (this == BLOCK_INCREMENTAL && Boolean.TRUE.equals(value)) {
            return Optional.of("not yet: block-incremental: jkvm has no migration of disks");
        }
        if (this == TLS_AUTHZ && !initial.equals(value)) {
            return Optional.of("not yet: tls-authz: jkvm has no lists of permitted peers");
        }
        return Optional.empty();
    }
}
