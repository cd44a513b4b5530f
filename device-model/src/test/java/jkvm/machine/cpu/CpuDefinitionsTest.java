package jkvm.machine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmCpuidEntry2;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.cpu.CpuidRegister.Name;
import org.junit.jupiter.api.Test;

/** QEMU's CPU models: what a guest reads with CPUID equals what it reads on QEMU. */
class CpuDefinitionsTest {
    /**
     * Bits that QEMU changes for its own emulator and not with KVM: VME off; x2APIC on with KVM; SVM, MONITOR and ACPI
     * off with KVM.
     */
    private static final Map<CpuidRegister, Integer> ACCELERATORS = Map.of(
            new CpuidRegister(1, 0, Name.ECX), 1 << 21 | 1 << 3, new CpuidRegister(1, 0, Name.EDX), 1 << 1 | 1 << 22,
            new CpuidRegister(0x80000001, 0, Name.ECX), 1 << 2,
            new CpuidRegister(0x80000001, 0, Name.EDX), 1 << 1,
            // Depends on XCR0.
            new CpuidRegister(0xD, 0, Name.EBX), -1, new CpuidRegister(0xD, 1, Name.EBX), -1);

    /** Offset and size of the components of the extended state, as Intel has them. */
    private static final int[][] COMPONENTS = {{2, 0x240, 0x100}, {3, 0x3C0, 0x40}, {4, 0x400, 0x40}, {5, 0x440, 0x40},
        {6, 0x480, 0x200}, {7, 0x680, 0x400}, {9, 0xA80, 8}};

    private record Recorded(String name, int cpus, Map<CpuidRegister, Integer> values) {
    }

    private static List<Recorded> recorded() throws IOException {
        List<Recorded> models = new ArrayList<>();
        String text;
        try (InputStream in = CpuDefinitionsTest.class.getResourceAsStream("qemu-cpuid.txt")) {
            text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
        for (String line : text.split("\n")) {
            String[] words = line.split(" ");
            if (words[0].equals("model")) {
                models.add(new Recorded(words[1], Integer.parseInt(words[2]), new LinkedHashMap<>()));
            } else if (!words[0].startsWith("#")) {
                for (Name name : Name.values()) {
                    models.getLast().values.put(new CpuidRegister(Integer.parseUnsignedInt(words[0], 16),
                            Integer.parseInt(words[1], 16), name),
                            Integer.parseUnsignedInt(words[2 + name.ordinal()], 16));
                }
            }
        }
        return models;
    }

    /** An accelerator that offers all there is. */
    static KvmCpuid2 everything() {
        KvmCpuid2 offered = new KvmCpuid2(64);
        offered.nent(0);
        offered.add(0).eax(0x1F);
        for (CpuidRegister register : CpuFeature.registers()) {
            KvmCpuidEntry2 entry = offered.find(register.leaf(), register.subleaf());
            if (entry == null) {
                entry = offered.add(register.leaf());
                entry.index(register.subleaf());
                entry.flags(register.leaf() == 7 || register.leaf() == 0xD ? KvmCpuidEntry2.SIGNIFICANT_INDEX : 0);
            }
            register.set(offered, -1);
        }
        addState(offered, 0).eax(0x2FF);
        for (int[] component : COMPONENTS) {
            KvmCpuidEntry2 entry = addState(offered, component[0]);
            entry.eax(component[2]);
            entry.ebx(component[1]);
        }
        offered.find(0x80000008, 0).eax(57 << 8 | 46);
        return offered;
    }

    private static KvmCpuidEntry2 addState(KvmCpuid2 offered, int index) {
        KvmCpuidEntry2 entry = offered.add(0xD);
        entry.index(index);
        entry.flags(KvmCpuidEntry2.SIGNIFICANT_INDEX);
        return entry;
    }

    private static String vendor(Recorded model) {
        return CpuDefinitions.read().find(model.name).orElseThrow().id().vendor();
    }

    /** All leaves of a model whose values differ from the recorded ones. */
    private static List<String> differences(Recorded model) {
        CpuConfig config = new CpuConfig(model.name, Map.of(), Map.of("vendor", vendor(model)));
        KvmCpuid2 leaves = new CpuModel(everything(), config, model.cpus, true).forCpu(0);
        Map<String, String> differences = new TreeMap<>();
        model.values.forEach((register, value) -> {
            boolean isTopology = register.leaf() == 0xB && register.subleaf() > 1;
            int ignored = register.leaf() == 0x8000000A || isTopology ? -1 : ACCELERATORS.getOrDefault(register, 0);
            if (((register.get(leaves) ^ value) & ~ignored) != 0) {
                differences.put(register + "/" + register.subleaf(),
                        "QEMU %08x, here %08x".formatted(value, register.get(leaves)));
            }
        });
        for (int i = 0; i < leaves.nent(); i++) {
            KvmCpuidEntry2 entry = leaves.entry(i);
            CpuidRegister eax = new CpuidRegister(entry.function(), entry.index(), Name.EAX);
            boolean isKvm = entry.function() >>> 28 == 4;
            boolean isZero = (entry.eax() | entry.ebx() | entry.ecx() | entry.edx()) == 0;
            if (!isKvm && !isZero && !model.values.containsKey(eax)) {
                differences.put(eax + "/" + eax.subleaf(), "QEMU has zeros");
            }
        }
        return differences.entrySet().stream().map(entry -> model + ": " + entry).toList();
    }

    @Test
    void shouldShowAGuestTheLeavesThatQemuShows() throws IOException {
        List<String> differences = new ArrayList<>();
        for (Recorded model : recorded()) {
            differences(model).forEach(line -> differences.add(model.name + line.substring(line.lastIndexOf(": "))));
        }
        assertEquals(List.of(), differences);
    }

    @Test
    void shouldMakeEachModelOfTheTable() {
        CpuDefinitions definitions = CpuDefinitions.read();
        for (String name : definitions.names()) {
            CpuModel model = new CpuModel(everything(), new CpuConfig(name, Map.of()), 2, true);
            assertEquals(List.of(), model.warnings(), name);
        }
        assertEquals(129, definitions.names().size());
    }

    @Test
    void shouldFindModelsByAliasAndWithoutVersion() {
        CpuDefinitions definitions = CpuDefinitions.read();
        assertEquals("Haswell-v1", definitions.find("Haswell").orElseThrow().name());
        assertEquals("Haswell-v2", definitions.find("Haswell-noTSX").orElseThrow().name());
        assertTrue(definitions.find("Haswell-v9").isEmpty());
    }
}
