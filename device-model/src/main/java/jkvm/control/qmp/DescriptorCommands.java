package jkvm.control.qmp;

import java.util.Optional;
import jkvm.control.migrate.PassedDescriptors;
import jkvm.linux.Fd;

/** Commands that name descriptors which a client passes, for others that take them by their names. */
final class DescriptorCommands {
    private static final Argument<String> NAME = Argument.required("fdname", Types.STR);

    private final PassedDescriptors descriptors;

    DescriptorCommands(PassedDescriptors descriptors) {
        this.descriptors = descriptors;
    }

    void addTo(CommandTable table) {
        table.add(Declaration.of("getfd").takes(NAME), this::get);
        table.add(Declaration.of("closefd").takes(NAME), this::close);
    }

    private void get(Arguments arguments) throws QmpException {
        Fd descriptor = arguments.client().takeDescriptor().orElseThrow(() ->
                new QmpException("No file descriptor supplied via SCM_RIGHTS"));
        String name = arguments.get(NAME);
        if (!name.isEmpty() && Character.isDigit(name.charAt(0))) {
            descriptor.close();
            throw new QmpException("Parameter 'fdname' expects a name not starting with a digit");
        }
        descriptors.put(name, descriptor);
    }

    private void close(Arguments arguments) throws QmpException {
        Optional<Fd> descriptor = descriptors.take(arguments.get(NAME));
        descriptor.orElseThrow(() -> new QmpException("File descriptor named '" + arguments.get(NAME)
                + "' not found")).close();
    }
}
