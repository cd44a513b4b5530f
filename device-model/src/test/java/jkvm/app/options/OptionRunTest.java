package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Command lines that people use, beside QEMU. */
class OptionRunTest {
    /** The lines that ask for a part which is not there yet: parts that come make it smaller, nothing larger. */
    private static final int NOT_YET = 42;
    /** The same for lines that differ otherwise: each of them is in {@code differences.txt}. */
    private static final int DIFFERENCES = 6;
    /** One of so many lines is laid before QEMU again, unless all are. */
    private static final int SAMPLE = 40;

    @TempDir
    private Path folder;

    @Test
    void shouldDifferFromQemuInTheLinesOfTheTableOnly() throws Exception {
        OptionRun run = new OptionRun(folder);
        Map<String, OptionAnswer> qemus = OptionRun.recorded();
        Map<String, String> table = new LinkedHashMap<>();
        List<String> notYet = new ArrayList<>();
        for (Map.Entry<String, OptionAnswer> entry : qemus.entrySet()) {
            OptionAnswer jkvms = run.askJkvm(entry.getKey());
            if (jkvms.isNotYet() && entry.getValue().outcome() != OptionAnswer.Outcome.REFUSAL) {
                notYet.add(entry.getKey());
            } else if (!jkvms.agreesWith(entry.getKey(), entry.getValue())) {
                table.put(entry.getKey(), entry.getValue() + "\t" + jkvms);
            }
        }
        System.out.printf("command lines: %d; differ from QEMU's: %d; not yet: %d%n", qemus.size(), table.size(),
                notYet.size());
        if (Boolean.getBoolean("jkvm.options.print")) {
            table.forEach((line, answers) -> System.out.println(line + "\t" + answers));
            notYet.forEach(line -> System.out.println("NOTYET\t" + line));
        }
        Map<String, String> unexplained = new LinkedHashMap<>(table);
        unexplained.keySet().removeAll(OptionRun.reasons().keySet());
        assertEquals(Map.of(), unexplained, "lines that differ from QEMU's without a reason");
        assertTrue(table.size() <= DIFFERENCES, table.size() + " lines differ");
        assertTrue(notYet.size() <= NOT_YET, notYet.size() + " lines not yet: " + notYet);
    }

    @Test
    void shouldCompareWithThatWhichQemuSays() throws Exception {
        assumeTrue(QemuFiles.isThere(), "no " + OptionRun.QEMU);
        OptionRun run = new OptionRun(folder);
        if (Boolean.getBoolean("jkvm.options.record")) {
            run.record();
        }
        int step = Boolean.getBoolean("jkvm.long") ? 1 : SAMPLE;
        int row = 0;
        for (Map.Entry<String, OptionAnswer> entry : OptionRun.recorded().entrySet()) {
            // KVM's answers depend on the host.
            if (row++ % step == 0 && !entry.getKey().contains("kvm") && !entry.getKey().contains("host")) {
                assertEquals(entry.getValue().outcome(), run.askQemu(entry.getKey()).outcome(), entry.getKey());
            }
        }
    }
}
