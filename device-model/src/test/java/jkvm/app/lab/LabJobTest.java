package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabJobTest {

    @Test
    void shouldPassEveryArgumentAsItIs(@TempDir Path folder) throws Exception {
        String words = "a b|'|''|\"|$HOME|`id`|\\|\n|a\nb|*|-n|é|;|&";
        List<String> command = new ArrayList<>(List.of("/usr/bin/printf", "%s|"));
        command.addAll(List.of(words.split("\\|")));
        assertEquals(words + "|", run(new LabJob(command, folder, Map.of()), folder));
    }

    @Test
    void shouldPassVariablesAndTheDirectory(@TempDir Path folder) throws Exception {
        Path directory = Files.createDirectory(folder.resolve("it's a 'folder'"));
        LabJob job = new LabJob(List.of("/bin/sh", "-c", "printf %s \"$A\"; pwd"), directory, Map.of("A", "x'\ny "));
        assertEquals("x'\ny " + directory.toRealPath() + "\n", run(job, folder));
    }

    @Test
    void shouldLeaveOutVariablesThatAShellCannotSet() {
        Map<String, String> environment = Map.of("BASH_FUNC_x%%", "() {", "PWD", "/x");
        String script = new LabJob(List.of("true"), Path.of("/"), environment).script();
        assertFalse(script.contains("export"));
    }

    @Test
    void shouldRunTheSameModulesOnTheSameJdk() {
        Properties properties = new Properties();
        properties.setProperty("java.home", "/jdk");
        properties.setProperty("jdk.module.main", "jkvm.devices");
        properties.setProperty("jdk.module.path", "/a.jar:/b.jar");
        List<String> command = InnerJvm.command(properties, List.of("-XX:AOTCache=/x.aot", "-m"), List.of("-version"));
        assertEquals("/jdk/bin/java", command.getFirst());
        assertTrue(command.contains("-XX:AOTCache=/x.aot"));
        assertEquals(List.of("--enable-native-access=jkvm.core", "-p", "/a.jar:/b.jar", "-m",
                "jkvm.devices/jkvm.app.Main", "-version"), command.subList(command.size() - 6, command.size()));
    }

    @Test
    void shouldRunTheSameClassPathWhereThereAreNoModules() {
        Properties properties = new Properties();
        properties.setProperty("java.home", "/jdk");
        properties.setProperty("java.class.path", "/classes");
        List<String> command = InnerJvm.command(properties, List.of(), List.of("doctor"));
        assertEquals(List.of("-cp", "/classes", "jkvm.app.Main", "doctor"),
                command.subList(command.size() - 4, command.size()));
    }

    @Test
    void shouldForwardThePortsAndHoldTheMemoryThatTheLineAsksFor() {
        LabOptions options = LabOptions.suitedTo(List.of("-m", "4G", "-netdev",
                "user,id=n,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=udp::53-:53"));
        assertEquals(List.of(new LabOptions.PortForward("tcp", "127.0.0.1", 2222),
                new LabOptions.PortForward("udp", "", 53)), options.forwards());
        assertTrue(options.network());
        assertEquals(4096 + 1024, options.mebibytes());
        assertEquals(LabOptions.DEFAULT_MEBIBYTES, LabOptions.suitedTo(List.of("-m", "128")).mebibytes());
    }

    @Test
    void shouldReadTheNamesThatAModuleDependsOn() {
        byte[] module = "x\0depends=kvm,irq-bypass\0y".getBytes(StandardCharsets.US_ASCII);
        assertEquals(List.of("kvm", "irq_bypass"), KernelModules.dependencies(module));
        assertEquals(List.of(), KernelModules.dependencies("x\0depends=\0".getBytes(StandardCharsets.US_ASCII)));
    }

    private static String run(LabJob job, Path folder) throws Exception {
        Path script = folder.resolve("script");
        Files.writeString(script, job.script());
        Process process = new ProcessBuilder("/bin/sh", script.toString()).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        return output;
    }
}
