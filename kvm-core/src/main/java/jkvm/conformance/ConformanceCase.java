package jkvm.conformance;

/**
 * One behaviour of KVM.
 *
 * @param corner the number of the group of behaviours that it belongs to
 * @param name   what is done, unique in the suite
 * @param body   does it
 */
public record ConformanceCase(int corner, String name, Body body) {

    /** Does something to a KVM and tells what came of it. */
    @FunctionalInterface
    public interface Body {
        /** @return what was seen: words and numbers with spaces between, the same on each run */
        String observe(Subject kvm) throws Exception;
    }
}
