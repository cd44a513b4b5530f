package jkvm.vm;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class or method about the host's {@code /dev/kvm} itself: skipped, with the reason printed, where that cannot
 * be used. Tests of guests are {@link OnEachKvm} instead.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("kvm")
@ExtendWith(HostKvm.class)
public @interface RequiresKvm {
    /** Why the KVM in Java is no subject of this test. */
    String value();
}
