package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import jkvm.guest.InstalledTools;
import jkvm.json.Json;
import jkvm.json.JsonReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same requests to QEMU 7.2 and to jkvm get the same answers and events, times left out. */
@Timeout(60)
class QmpSideBySideTest {
    private static final String QEMU = "qemu-system-x86_64";
    /** One answer for each; events come before the answer of the command that they follow from. */
    private static final String REQUESTS = """
            {"execute": "query-status"}
            {"execute": "nosuch", "id": "a"}
            {"execute": "qmp_capabilities", "arguments": {"enable": ["oob"]}, "id": {"x": [1, null, true, 1.5]}}
            {"execute": "qmp_capabilities"}
            {"execute": "query-status", "id": -9223372036854775808}
            {"exec-oob": "query-status", "id": 1}
            {"exec-oob": "query-yank", "id": 18446744073709551615}
            {"exec-oob": "nosuch"}
            {"exec-oob": "yank", "arguments": {"instances": [{"type": "migration"}]}}
            {"execute": "query-status", "exec-oob": "query-status"}
            {"execute": "query-status", "foo": 1}
            {"execute": 5}
            {"arguments": {}}
            {}
            []
            5
            "text"
            'single'
            {'execute': 'query-status', 'id': 'x"y'}
            {"execute": "query-status", "arguments": []}
            {"execute": "query-status", "arguments": null}
            {"execute": "query-status", "arguments": {"a": 1}}
            {"execute": "memsave", "arguments": {"val": "a"}}
            {"execute": "memsave", "arguments": {"val": 1.5, "size": 1, "filename": "x"}}
            {"execute": "memsave", "arguments": {"val": 1, "size": 1}}
            {"execute": "memsave", "arguments": {"val": 1, "size": 1, "filename": 7}}
            {"execute": "memsave", "arguments": {"val": 1, "size": 1, "filename": "/tmp/x", "cpu-index": 9}}
            {"execute": "query-target"}
            {"execute": "query-name"}
            {"execute": "query-uuid"}
            {"execute": "query-vm-generation-id"}
            {"execute": "query-iothreads"}
            {"execute": "query-jobs"}
            {"execute": "query-block"}
            {"execute": "query-blockstats"}
            {"execute": "query-named-block-nodes"}
            {"execute": "query-chardev"}
            {"execute": "query-memory-size-summary"}
            {"execute": "query-migrate"}
            {"execute": "query-migrate-capabilities"}
            {"execute": "query-migrate-parameters"}
            {"execute": "migrate_cancel"}
            {"execute": "migrate-incoming", "arguments": {"uri": "tcp:127.0.0.1:1"}}
            {"execute": "migrate-continue", "arguments": {"state": "pre-switchover"}}
            {"execute": "migrate", "arguments": {"uri": "foo:bar"}}
            {"execute": "migrate", "arguments": {"uri": "fd:nosuch"}}
            {"execute": "migrate", "arguments": {"uri": "exec:true", "resume": true}}
            {"execute": "migrate-pause"}
            {"execute": "migrate-recover", "arguments": {"uri": "tcp:127.0.0.1:1"}}
            {"execute": "migrate-set-capabilities", "arguments": {"capabilities": [{"capability": "a", "state": true}]}}
            {"execute": "migrate-set-parameters", "arguments": {"downtime-limit": 5000000}}
            {"execute": "migrate-set-parameters", "arguments": {"cpu-throttle-initial": 100}}
            {"execute": "migrate-set-parameters", "arguments": {"compress-level": 10}}
            {"execute": "migrate-set-parameters", "arguments": {"max-bandwidth": 1000}}
            {"execute": "getfd", "arguments": {"fdname": "a"}}
            {"execute": "closefd", "arguments": {"fdname": "a"}}
            {"execute": "human-monitor-command", "arguments": {"command-line": "info migrate_capabilities"}}
            {"execute": "human-monitor-command", "arguments": {"command-line": "info migrate_parameters"}}
            {"execute": "human-monitor-command", "arguments": {"command-line": "migrate_set_parameter foo 3"}}
            {"execute": "human-monitor-command", "arguments": {"command-line": "migrate_set_parameter max-bandwidth x"}}
            {"execute": "human-monitor-command", "arguments": {"command-line": "migrate_set_capability foo on"}}
            {"execute": "human-monitor-command", "arguments": {"command-line": "migrate_set_capability events maybe"}}
            {"execute": "qom-list", "arguments": {"path": "/nosuch"}}
            {"execute": "qom-list", "arguments": {"path": "/machine/peripheral"}}
            {"execute": "qom-list-properties", "arguments": {"typename": "nosuch"}}
            {"execute": "device-list-properties", "arguments": {"typename": "nosuch"}}
            {"execute": "device-list-properties", "arguments": {"typename": "device"}}
            {"execute": "device_del", "arguments": {"id": "x"}}
            {"execute": "device_add", "arguments": {}}
            {"execute": "human-monitor-command", "arguments": {"command-line": "info status"}}
            {"execute": "human-monitor-command", "arguments": {"command-line": "nosuch"}}
            {"execute": "cont", "id": 3}
            {"execute": "cont"}
            {"execute": "stop"}
            {"execute": "stop"}
            {"execute": "query-status"}
            {"execute": "system_reset"}
            {"execute": "query-status"}
            {"execute": "query-current-machine"}
            {"execute": "system_wakeup"}
            {"execute": "human-monitor-command", "arguments": {"command-line": "system_wakeup"}}
            {"execute": "system_powerdown"}
            {"execute": "quit", "id": 9}
            """;

    /** All lines that a process writes, after its greeting. */
    private static List<String> lines(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try {
            process.getOutputStream().write(REQUESTS.getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertTrue(process.waitFor(20, TimeUnit.SECONDS));
            List<String> lines = new ArrayList<>();
            for (String line : text.split("\r\n")) {
                if (!line.startsWith("{\"QMP\"")) {
                    lines.add(sorted(JsonReader.read(line.replaceAll("\"timestamp\": \\{[^}]*}, ", ""))).line());
                }
            }
            return lines;
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static Json sorted(Json value) {
        return switch (value) {
            case Json.Members members -> {
                Json.Members sorted = Json.Members.empty();
                for (var member : new TreeMap<>(members.values()).entrySet()) {
                    sorted = sorted.with(member.getKey(), sorted(member.getValue()));
                }
                yield sorted;
            }
            case Json.Items items -> new Json.Items(items.values().stream().map(QmpSideBySideTest::sorted).toList());
            default -> value;
        };
    }

    @Test
    void shouldAnswerAsQemuDoes() throws Exception {
        assumeTrue(Boolean.getBoolean("jkvm.long") && InstalledTools.has(QEMU),
                "needs -Djkvm.long=true and " + QEMU);
        String[] machine = {"-nodefaults", "-display", "none", "-m", "16", "-S", "-qmp", "stdio"};
        List<String> qemu = new ArrayList<>(List.of(QEMU, "-accel", "tcg"));
        qemu.addAll(List.of(machine));
        List<String> expected = lines(qemu.toArray(String[]::new));
        List<String> words = new ArrayList<>(List.of("-accel", "soft", "-device", "loader,addr=0x1000,cpu-num=0"));
        words.addAll(List.of(machine));
        List<String> found = lines(JkvmProcess.command(words.toArray(String[]::new)).toArray(String[]::new));
        assertEquals(String.join("\n", expected), String.join("\n", found));
    }
}
