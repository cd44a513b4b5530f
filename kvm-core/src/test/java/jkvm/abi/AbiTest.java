package jkvm.abi;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class AbiTest {

    @Test
    void shouldLayOutEveryStructAsTheKernelDoes() {
        assertAll(layouts().stream().map(layout -> (Executable) () ->
                assertEquals(layout.expected(), layout.actual(), layout.expression())));
    }

    @Test
    void shouldAgreeWithTheSystemsHeader(@TempDir Path directory) throws Exception {
        assumeTrue(KernelHeader.isPresent(directory), "no C compiler with <linux/kvm.h>");
        Map<String, Long> expected = new LinkedHashMap<>();
        Map<String, String> guards = new LinkedHashMap<>();
        for (Layout layout : layouts()) {
            expected.put(layout.expression(), layout.actual());
            guards.put(layout.expression(), Objects.requireNonNullElse(layout.guard(), ""));
        }
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

    private static List<Layout> layouts() {
        List<Layout> all = new ArrayList<>(VmLayouts.all());
        all.addAll(VcpuLayouts.all());
        all.addAll(RunLayouts.all());
        return all;
    }
}
