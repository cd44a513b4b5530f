package jkvm.junit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class whose methods have guests, {@linkplain OnEachKvm once on each KVM}. A method that {@link Boots} takes
 * its guest, started, as a parameter; a constructor or method takes {@link Guests} to make others. All are closed after
 * the method. A test that fails or takes too long shows the state of its guests: registers, code, exits, last output.
 *
 * <pre>{@code
 * @GuestTest
 * class EchoTest {
 *     @Test
 *     @Boots(kernel = "echo.bin")
 *     void shouldEchoAndPowerOff(Guest guest) {
 *         guest.awaitOutput("ready");
 *         guest.type("hello\n");
 *         guest.awaitOutput("hello");
 *         guest.powerButton();
 *         assertEquals(0, guest.awaitEnd().status());
 *     }
 * }
 * }</pre>
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@OnEachKvm
@ExtendWith(GuestExtension.class)
public @interface GuestTest {
}
