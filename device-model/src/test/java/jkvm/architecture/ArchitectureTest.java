package jkvm.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import jkvm.app.Main;
import jkvm.boot.BootLoaders;
import jkvm.linux.Fd;
import org.junit.jupiter.api.Test;

/** Reads the compiled classes of kvm-core, bios and device-model. */
class ArchitectureTest {
    private static final int FEWEST_CLASSES = 500;

    private static References compiledClasses() throws Exception {
        Set<Path> locations = new TreeSet<>();
        for (Class<?> one : List.of(Fd.class, BootLoaders.class, Main.class)) {
            locations.add(locationOf(one));
        }
        References references = new References();
        for (Path location : locations) {
            references.addAll(location);
        }
        return references;
    }

    private static Path locationOf(Class<?> one) throws URISyntaxException {
        return Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    @Test
    void shouldReferDownwardsOnlyAndInNoCircle() throws Exception {
        References references = compiledClasses();
        List<String> violations = new FloorRules(Floors.OF_JKVM, FloorRules.BANS).violations(references);
        assertEquals(List.of(), violations, () -> "\n" + String.join("\n", violations) + "\n");
    }

    @Test
    void shouldHaveReadTheClassesOfAllModules() throws Exception {
        References references = compiledClasses();
        assertTrue(references.byClass().size() > FEWEST_CLASSES, () -> references.byClass().size() + " classes");
        assertTrue(references.byClass().keySet().containsAll(
                List.of("jkvm.linux.Fd", "jkvm.boot.BootLoaders", "jkvm.app.Main")));
        assertTrue(references.byClass().values().stream().anyMatch(to -> to.contains("java.lang.foreign.Linker")),
                "nobody makes native calls");
    }
}
