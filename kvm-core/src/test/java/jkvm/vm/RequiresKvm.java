package jkvm.vm;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/** A test class or method of the kvm tier: skipped, with the reason printed, where {@code /dev/kvm} cannot be used. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Tag("kvm")
@ExtendWith(RequiresKvmCondition.class)
public @interface RequiresKvm {
}
