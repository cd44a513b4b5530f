package jkvm.vm;

import java.util.List;
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
            return List.of(new Parameter(kind), new Condition(kind));
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
            Accelerator accelerator = Accelerators.open(List.of(kind), new FfmSyscalls());
            return parameter.getParameter().getType() == Syscalls.class ? accelerator.syscalls() : accelerator;
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
