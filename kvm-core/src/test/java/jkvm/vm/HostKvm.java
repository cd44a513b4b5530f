package jkvm.vm;

import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Opens {@code /dev/kvm} and creates a VM, as a test would, and disables the test if that fails. */
final class HostKvm implements ExecutionCondition {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(HostKvm.class);

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        ConditionEvaluationResult result = condition(context);
        if (result.isDisabled()) {
            System.err.println("skipped: " + context.getDisplayName() + ": " + result.getReason().orElseThrow());
        }
        return result;
    }

    static ConditionEvaluationResult condition(ExtensionContext context) {
        String problem = context.getRoot().getStore(NAMESPACE)
                .getOrComputeIfAbsent("problem", key -> problem(), String.class);
        return problem.isEmpty() ? ConditionEvaluationResult.enabled("/dev/kvm is usable")
                : ConditionEvaluationResult.disabled(problem);
    }

    private static String problem() {
        try (Kvm kvm = Kvm.open(new FfmSyscalls())) {
            kvm.createVm().close();
            return "";
        } catch (RuntimeException e) {
            return "no usable /dev/kvm: " + e.getMessage();
        }
    }
}
