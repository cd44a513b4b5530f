package jkvm.junit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import jkvm.control.guest.Guest;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Gives the methods of a {@link GuestTest} their guests, and shows the guests' state where a method fails. */
public final class GuestExtension implements ParameterResolver, TestExecutionExceptionHandler {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(GuestExtension.class);

    /** A constructor's {@link Guests} are those of the method that the instance is made for. */
    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        return ExtensionContextScope.TEST_METHOD;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == Guest.class || type == Guests.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Guests guests = guests(context);
        if (parameter.getParameter().getType() == Guests.class) {
            return guests;
        }
        Boots boots = context.getTestMethod().map(method -> method.getAnnotation(Boots.class)).orElseThrow(
                () -> new ParameterResolutionException("the method does not say with @Boots which guest it takes"));
        return start(guests, boots, context.getRequiredTestClass());
    }

    private static Guests guests(ExtensionContext context) {
        return context.getStore(NAMESPACE).getOrComputeIfAbsent(Guests.class, _ -> new Guests(
                OnEachKvm.Current.of(context).orElse(Accelerator.Kind.SOFT)), Guests.class);
    }

    private static Guest start(Guests guests, Boots boots, Class<?> test) {
        if (boots.kernel().isEmpty() == boots.code().isEmpty()) {
            throw new ParameterResolutionException("@Boots takes either a kernel or code");
        }
        if (!boots.code().isEmpty()) {
            return guests.code(boots.code(), config -> size(config, boots)).start();
        }
        return guests.start(size(Guests.machine(boots.memory()), boots).kernel(kernel(guests, boots.kernel(), test)));
    }

    private static MachineConfig.Builder size(MachineConfig.Builder config, Boots boots) {
        return config.memory((long) boots.memory() << 20).cpus(boots.cpus());
    }

    private static Path kernel(Guests guests, String name, Class<?> test) {
        try (InputStream resource = test.getResourceAsStream(name)) {
            return resource == null ? Path.of(name) : guests.file("kernel", resource.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        Guests guests = context.getStore(NAMESPACE).get(Guests.class, Guests.class);
        throw guests == null ? failure : guests.explain(failure);
    }
}
