package jkvm.vm;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContext;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestWatcher;

/** Runs a class of {@link OnEachKvm} on the KVM in Java and on the host's. */
final class EachKvm implements ClassTemplateInvocationContextProvider {

    @Override
    public boolean supportsClassTemplate(ExtensionContext context) {
        return true;
    }

    @Override
    public Stream<Run> provideClassTemplateInvocationContexts(ExtensionContext context) {
        return Stream.of(Accelerator.Kind.SOFT, Accelerator.Kind.KVM).map(Run::new);
    }

    /** The tests of a class on one KVM. */
    record Run(Accelerator.Kind kind) implements ClassTemplateInvocationContext {
        @Override
        public String getDisplayName(int index) {
            return "on " + kind.text();
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new Parameter(kind), new Condition(kind), new Watcher(kind));
        }

        @Override
        public void prepareInvocation(ExtensionContext context) {
            OnEachKvm.Current.put(context, kind);
        }
    }

    private record Parameter(Accelerator.Kind kind) implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            Class<?> type = parameter.getParameter().getType();
            return type == Syscalls.class || type == Accelerator.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            // An instance is made before the condition below is asked: nothing may be opened here.
            Accelerator accelerator = kind == Accelerator.Kind.SOFT ? Accelerators.open(kind.text())
                    : new Accelerator(kind, new FfmSyscalls(), "");
            return parameter.getParameter().getType() == Syscalls.class ? accelerator.syscalls() : accelerator;
        }
    }

    private record Watcher(Accelerator.Kind kind) implements TestWatcher {
        private void count(ExtensionContext context, String result) {
            context.getRoot().getStore(ExtensionContext.Namespace.create(EachKvm.class))
                    .getOrComputeIfAbsent(Tally.class).add("on " + kind.text() + ": " + result);
        }

        @Override
        public void testSuccessful(ExtensionContext context) {
            count(context, "passed");
        }

        @Override
        public void testFailed(ExtensionContext context, Throwable cause) {
            count(context, "failed");
        }

        @Override
        public void testAborted(ExtensionContext context, Throwable cause) {
            count(context, "skipped, " + cause.getMessage());
        }

        @Override
        public void testDisabled(ExtensionContext context, Optional<String> reason) {
            count(context, "skipped, " + reason.orElse("no reason given"));
        }
    }

    /** Counts results and prints them when all tests of this JVM have run: reports name the runs by number only. */
    static final class Tally implements AutoCloseable {
        private final Map<String, Integer> counts = new TreeMap<>();

        synchronized void add(String result) {
            counts.merge(result, 1, Integer::sum);
        }

        @Override
        public synchronized void close() {
            counts.forEach((result, count) -> System.out.println("guest tests " + result + ": " + count));
        }
    }

    private record Condition(Accelerator.Kind kind) implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (kind == Accelerator.Kind.KVM) {
                return HostKvm.condition(context);
            }
            return context.getElement().map(element -> element.getAnnotation(RequiresKvm.class))
                    .map(requires -> ConditionEvaluationResult.disabled("/dev/kvm only: " + requires.value()))
                    .orElseGet(() -> ConditionEvaluationResult.enabled("the KVM in Java is everywhere"));
        }
    }
}
