package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import jkvm.guest.GuestImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machines that command lines make, as a guest sees them, beside QEMU's. */
class OptionMachinesTest {
    private static final Path FOLDER = GuestImages.folder("device-model", "src/test/resources/jkvm/app/options");
    private static final Path RECORD = FOLDER.resolve("machines-qemu-7.2.txt");
    private static final Path REASONS = FOLDER.resolve("machine-differences.txt");
    /** So many facts differ with a reason, of all lines: parts that come make it smaller, nothing larger. */
    private static final int DIFFERENCES = 343;
    /** Machines that no line of {@link OptionRun} makes: more memory, processors and cards. */
    private static final List<String> FURTHER = List.of("-machine hpet=on", "-m 3G", "-m 5G", "-smp 4", "-m 64",
            "-device pci-testdev,addr=5", "-device e1000,addr=7 -device virtio-net-pci -device virtio-rng-pci",
            "-device virtio-rng-pci,addr=9.0,multifunction=on -device virtio-rng-pci,addr=9.3",
            "-device e1000 -device e1000 -device e1000 -device e1000 -device virtio-rng-pci,disable-modern=on",
            "-drive file=disk.img,format=raw,if=none,id=d0 -device virtio-blk-pci,drive=d0,lcyls=9,lheads=4,lsecs=17");
    /** One of so many lines is run, unless all are. */
    private static final int SAMPLE = 12;

    @TempDir
    private Path folder;

    private static int step() {
        return Boolean.getBoolean("jkvm.long") ? 1 : SAMPLE;
    }

    /** Its facts on KVM and the host's processor depend on the host. */
    private static boolean isOfTheHost(String line) {
        return line.contains("kvm") || line.contains("host,");
    }

    @Test
    void shouldDifferFromQemusInTheFactsOfTheTableOnly() throws Exception {
        OptionMachines machines = new OptionMachines(folder);
        List<MachineRecord.Reason> reasons = new ArrayList<>(MachineRecord.reasons(REASONS));
        Map<String, String> unexplained = new LinkedHashMap<>();
        TreeSet<String> explained = new TreeSet<>();
        Set<MachineRecord.Reason> used = new HashSet<>();
        int compared = 0;
        int row = 0;
        for (Map.Entry<String, MachineFacts> entry : MachineRecord.read(RECORD).entrySet()) {
            String line = entry.getKey();
            Optional<OptionMachines.Answer> jkvms =
                    row++ % step() == 0 ? machines.askJkvm(line) : Optional.empty();
            if (jkvms.isPresent() && !jkvms.get().notYet()) {
                compared++;
                entry.getValue().differences(jkvms.get().facts()).forEach((fact, difference) -> {
                    List<MachineRecord.Reason> fitting = reasons.stream()
                            .filter(reason -> reason.explains(line, fact, difference)).toList();
                    used.addAll(fitting);
                    if (!fitting.isEmpty()) {
                        explained.add(fact);
                    } else {
                        unexplained.put(line + " | " + fact, difference.toString());
                    }
                });
            }
        }
        System.out.printf("machines: %d; facts that differ from QEMU's: %d, without a reason: %d%n", compared,
                explained.size(), unexplained.size());
        if (Boolean.getBoolean("jkvm.options.print")) {
            unexplained.forEach((fact, difference) -> System.out.println(fact + " | " + difference));
        }
        assertEquals(Map.of(), unexplained, "facts that differ from QEMU's without a reason");
        if (step() == 1) {
            reasons.removeAll(used);
            System.out.println("reasons that explain nothing: " + reasons);
        }
        assertTrue(compared > 0 && explained.size() <= DIFFERENCES, explained.size() + " facts differ");
    }

    @Test
    void shouldCompareWithTheMachinesThatQemuMakes() throws Exception {
        assumeTrue(QemuFiles.isThere(), "no " + OptionRun.QEMU);
        OptionMachines machines = new OptionMachines(folder);
        if (Boolean.getBoolean("jkvm.options.record")) {
            record(machines);
        }
        int row = 0;
        for (Map.Entry<String, MachineFacts> entry : MachineRecord.read(RECORD).entrySet()) {
            if (row++ % step() == 0) {
                assertEquals(Map.of(), entry.getValue().differences(machines.askQemu(entry.getKey()).orElseThrow()),
                        entry.getKey());
            }
        }
    }

    private static void record(OptionMachines machines) throws Exception {
        Map<String, MachineFacts> record = new LinkedHashMap<>();
        record.put("", machines.askQemu("").orElseThrow());
        List<String> lines = new ArrayList<>(FURTHER);
        OptionRun.recorded().forEach((line, answer) -> {
            if (answer.outcome() == OptionAnswer.Outcome.MACHINE && !isOfTheHost(line)) {
                lines.add(line);
            }
        });
        for (String line : lines) {
            machines.askQemu(line).ifPresent(facts -> record.put(line, facts));
        }
        MachineRecord.write(RECORD, record);
    }
}
