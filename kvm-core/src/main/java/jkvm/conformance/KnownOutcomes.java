package jkvm.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The known answers of KVMs: the table {@code outcomes.tsv} beside this class. Its first line names the columns; a
 * column is a KVM with its kernel's version. An empty field is the same as the first column's. Two outcomes with
 * {@code " | "} between them are both that KVM's: the host's timing decides which of them is seen.
 */
public final class KnownOutcomes {
    /** The column of the KVM in Java. */
    public static final String SOFT = "soft";
    /** The column that the others are compared with. */
    public static final String REFERENCE = "kvm_amd 6.1";
    private static final String TABLE = "outcomes.tsv";
    private static final int FIRST_COLUMN = 2;
    private static final String EITHER = " \\| ";

    private final List<String> columns;
    private final Map<String, String[]> lines = new HashMap<>();

    private KnownOutcomes(List<String> text) {
        columns = List.of(text.getFirst().split("\t"));
        for (String line : text.subList(1, text.size())) {
            String[] fields = line.split("\t", -1);
            if (lines.put(fields[1], fields) != null) {
                throw new IllegalStateException("two lines in " + TABLE + " for: " + fields[1]);
            }
        }
    }

    /** Reads the table. */
    public static KnownOutcomes load() {
        try (InputStream in = KnownOutcomes.class.getResourceAsStream(TABLE)) {
            return new KnownOutcomes(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** KVMs that outcomes are known of, the reference first. */
    public List<String> kvms() {
        return columns.subList(FIRST_COLUMN, columns.size() - 1);
    }

    /** Names of cases in the table. */
    public List<String> names() {
        return new ArrayList<>(lines.keySet());
    }

    /** True if a KVM is known to answer so, or if its answer to the case is not known. */
    public boolean allows(ConformanceCase subject, String kvm, String observed) {
        return expected(subject, kvm).map(known -> List.of(known.split(EITHER)).contains(observed)).orElse(true);
    }

    /** A KVM's answer to a case, as the table writes it; empty if the table has no such case or KVM. */
    public Optional<String> expected(ConformanceCase subject, String kvm) {
        String[] fields = lines.get(subject.name());
        int column = columns.indexOf(kvm);
        if (fields == null || column < 0) {
            return Optional.empty();
        }
        return Optional.of(fields[column].isEmpty() ? fields[FIRST_COLUMN] : fields[column]);
    }

    /** Why KVMs differ in a case; empty without a reason. */
    public String note(ConformanceCase subject) {
        String[] fields = lines.get(subject.name());
        return fields == null ? "" : fields[columns.size() - 1];
    }

    /**
     * The column of the host's KVM, such as "kvm_intel 6.8".
     *
     * @param root the root of the file tree
     */
    public static String host(Path root) {
        String module = Arrays.asList("kvm_amd", "kvm_intel", "kvm_pvm").stream()
                .filter(name -> Files.exists(root.resolve("sys/module").resolve(name))).findFirst().orElse("kvm");
        try {
            String[] release = Files.readString(root.resolve("proc/sys/kernel/osrelease")).strip().split("\\.");
            return module + " " + release[0] + "." + release[1];
        } catch (IOException e) {
            return module;
        }
    }
}
