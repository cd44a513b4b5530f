package jkvm.control.qmp;

import jkvm.control.migrate.MigrationException;
import jkvm.control.migrate.PassedDescriptors;

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
        try {
            descriptors.put(arguments.get(NAME), arguments.client().takeDescriptor());
        } catch (MigrationException e) {
            throw new QmpException(e.getMessage());
        }
    }

    private void close(Arguments arguments) throws QmpException {
        try {
            descriptors.close(arguments.get(NAME));
        } catch (MigrationException e) {
            throw new QmpException(e.getMessage());
        }
    }
}
