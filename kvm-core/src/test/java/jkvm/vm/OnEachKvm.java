package jkvm.vm;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import jkvm.soft.Accelerator;
import org.junit.jupiter.api.ClassTemplate;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test class that runs guests: once on the KVM in Java, everywhere, and once on {@code /dev/kvm}, which is skipped
 * with the reason printed where that cannot be used. The runs are named "on soft" and "on kvm"; Maven's reports number
 * them [1] and [2], and a line at the end of a module's tests tells how many passed on each. The class's constructor or
 * its methods take the KVM as a parameter, either as {@link jkvm.linux.Syscalls} or as {@link jkvm.soft.Accelerator}.
 * The constructor must not open it: it is called before the test is skipped.
 *
 * <p>{@link RequiresKvm} on a method keeps it from the run on the KVM in Java.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ClassTemplate
@ExtendWith(EachKvm.class)
public @interface OnEachKvm {

    /** For extensions: the KVM of a run. */
    final class Current {
        private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(OnEachKvm.class);

        private Current() {
        }

        /** The KVM that a test is on; empty where its class is not run on each. */
        public static Optional<Accelerator.Kind> of(ExtensionContext context) {
            return Optional.ofNullable(context.getStore(NAMESPACE).get(Current.class, Accelerator.Kind.class));
        }

        static void put(ExtensionContext context, Accelerator.Kind kind) {
            context.getStore(NAMESPACE).put(Current.class, kind);
        }
    }
}
