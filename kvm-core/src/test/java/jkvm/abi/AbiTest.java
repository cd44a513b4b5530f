package jkvm.abi;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class AbiTest {
    /** Structs and fields that some systems' headers are too old to know, and the macros that tell. */
    private static final Map<String, String> NEWER = Map.of("kvm_userspace_memory_region2", "KVM_CAP_USER_MEMORY2",
            "kvm_run.memory_fault", "KVM_EXIT_MEMORY_FAULT",
            "kvm_vcpu_events.triple_fault", "KVM_CAP_X86_TRIPLE_FAULT_EVENT");

    /**
     * Where a struct or field is new here, the lines that this test prints go into the file, after the next test
     * passes.
     */
    @Test
    void shouldLayOutEveryStructAsTheKernelDoes() throws Exception {
        List<String> expected = Files.readAllLines(Path.of(AbiTest.class.getResource("layouts.txt").toURI()));

        List<String> actual = StructConstants.describe(StructConstants.all());

        assertEquals(String.join("\n", expected), String.join("\n", actual));
    }

    @Test
    void shouldAgreeWithTheSystemsHeader(@TempDir Path directory) throws Exception {
        assumeTrue(KernelHeader.isPresent(directory), "no C compiler with <linux/kvm.h>");
        Map<String, Long> expected = new LinkedHashMap<>();
        Map<String, String> guards = new LinkedHashMap<>();
        StructConstants.all().forEach((name, value) -> {
            expected.put(expression(name), value);
            guards.put(expression(name), NEWER.keySet().stream().filter(name::startsWith).findAny().map(NEWER::get)
                    .orElse(""));
        });
        for (KvmIoctl request : KvmIoctl.values()) {
            expected.put(request.kernelName(), request.number());
            guards.put(request.kernelName(), request.kernelName());
        }
        for (KvmCap capability : KvmCap.values()) {
            expected.put(capability.kernelName(), (long) capability.number());
            guards.put(capability.kernelName(), capability.kernelName());
        }
        for (int reason = 0; reason < 64; reason++) {
            String name = KvmExit.name(reason);
            if (!name.equals(Integer.toString(reason))) {
                expected.put("KVM_EXIT_" + name, (long) reason);
                guards.put("KVM_EXIT_" + name, "KVM_EXIT_" + name);
            }
        }

        Map<String, Long> actual = KernelHeader.evaluate(directory, guards);

        assertTrue(actual.size() > 400, "only " + actual.size() + " numbers compared");
        assertAll(actual.entrySet().stream().map(entry -> (Executable) () ->
                assertEquals(entry.getValue(), expected.get(entry.getKey()), entry.getKey())));
    }

    @Test
    void shouldGiveEachRequestAndCapabilityItsOwnNumber() {
        assertEquals(KvmIoctl.values().length,
                new HashSet<>(Arrays.stream(KvmIoctl.values()).map(KvmIoctl::number).toList()).size());
        assertEquals(KvmCap.values().length,
                new HashSet<>(Arrays.stream(KvmCap.values()).map(KvmCap::number).toList()).size());
    }

    @Test
    void shouldNumberRequestsThatNewHeadersHave() {
        assertEquals(0x40a0ae49L, KvmIoctl.SET_USER_MEMORY_REGION2.number());
        assertEquals(0x4020aed2L, KvmIoctl.SET_MEMORY_ATTRIBUTES.number());
        assertEquals(0xc040aed4L, KvmIoctl.CREATE_GUEST_MEMFD.number());
        assertEquals(0xc040aed5L, KvmIoctl.PRE_FAULT_MEMORY.number());
    }

    private static String expression(String name) {
        int dot = name.indexOf('.');
        return dot < 0 ? "sizeof(struct " + name + ")"
                : "offsetof(struct " + name.substring(0, dot) + ", " + name.substring(dot + 1) + ")";
    }
}
