package jkvm.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rules themselves, on references that are made up. */
class FloorRulesTest {
    private static final FloorRules RULES = new FloorRules(
            new Floors(List.of(List.of("jkvm.low"), List.of("jkvm.high.*"), List.of("jkvm.high.top"))),
            List.of(new FloorRules.Ban("java.lang.foreign.Linker", List.of("jkvm.*"), List.of("jkvm.low"),
                    "native calls are made in one place")));

    private final References references = new References();

    @Test
    void shouldAllowReferencesDownwardsAndOnAFloor() {
        references.add("jkvm.high.a.A", "jkvm.low.B").add("jkvm.high.a.A", "jkvm.high.b.B")
                .add("jkvm.high.top.T", "jkvm.high.A").add("jkvm.low.B", "java.lang.foreign.Linker");
        assertEquals(List.of(), RULES.violations(references));
    }

    @Test
    void shouldNameBothClassesOfAReferenceUpwards() {
        references.add("jkvm.low.B", "jkvm.high.a.A$Inner");
        assertEquals(List.of("jkvm.low.B refers to jkvm.high.a.A$Inner: jkvm.high.a is on a higher floor"),
                RULES.violations(references));
    }

    @Test
    void shouldTakeTheMostPreciseEntryForAPackage() {
        references.add("jkvm.high.a.A", "jkvm.high.top.T");
        assertEquals(List.of("jkvm.high.a.A refers to jkvm.high.top.T: jkvm.high.top is on a higher floor"),
                RULES.violations(references));
    }

    @Test
    void shouldNameTheClassesOfACircleOnce() {
        references.add("jkvm.high.a.A", "jkvm.high.b.B").add("jkvm.high.b.B2", "jkvm.high.c.C")
                .add("jkvm.high.c.C", "jkvm.high.a.A2").add("jkvm.high.d.D", "jkvm.high.a.A");
        assertEquals(List.of("packages form a circle: jkvm.high.a -> jkvm.high.b -> jkvm.high.c -> jkvm.high.a"
                + " (jkvm.high.a.A refers to jkvm.high.b.B; jkvm.high.b.B2 refers to jkvm.high.c.C;"
                + " jkvm.high.c.C refers to jkvm.high.a.A2)"), RULES.violations(references));
    }

    @Test
    void shouldNameAPackageWithoutAFloor() {
        references.add("jkvm.attic.A", "java.lang.Object");
        assertEquals(List.of("jkvm.attic has no floor: give it a place in the table of floors"),
                RULES.violations(references));
    }

    @Test
    void shouldFindALinkerInCode() {
        ClassDesc linker = ClassDesc.of("java.lang.foreign.Linker");
        references.add(ClassFile.of().build(ClassDesc.of("jkvm.high.Caller"), type -> type.withMethodBody("call",
                MethodTypeDesc.of(ConstantDescs.CD_void), ClassFile.ACC_STATIC, code -> code
                        .invokestatic(linker, "nativeLinker", MethodTypeDesc.of(linker), true).pop().return_())));
        assertEquals(List.of("jkvm.high.Caller refers to java.lang.foreign.Linker: native calls are made in one place"),
                RULES.violations(references));
    }

    @Test
    void shouldFindAFieldsTypeThatNoCodeUses() {
        references.add(ClassFile.of().build(ClassDesc.of("jkvm.low.Holder"),
                type -> type.withField("held", ClassDesc.of("jkvm.high.Held").arrayType(), 0)));
        assertEquals(Set.of("java.lang.Object", "jkvm.high.Held"), references.byClass().get("jkvm.low.Holder"));
        assertEquals(1, RULES.violations(references).size());
    }

    @Test
    void shouldFindATypeArgument() throws IOException {
        references.add(classFileOf(TypeArgument.class));
        assertTrue(references.byClass().get(TypeArgument.class.getName()).contains(FloorRules.class.getName()));
    }

    private record TypeArgument(List<FloorRules> rules) {
    }

    private static byte[] classFileOf(Class<?> type) throws IOException {
        String name = type.getName();
        try (InputStream in = type.getResourceAsStream(name.substring(name.lastIndexOf('.') + 1) + ".class")) {
            return in.readAllBytes();
        }
    }
}
