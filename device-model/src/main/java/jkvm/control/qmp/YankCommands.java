package jkvm.control.qmp;

import java.util.List;
import jkvm.control.qmp.QmpException.Kind;

/**
 * Commands that cut hanging connections off, out of band. QEMU's are those of migrations, network block devices and
 * chardevs that would hold up the machine; none of jkvm's does, so that there is nothing to cut.
 */
final class YankCommands {
    private static final Types.Choice<String> KIND = Types.choice("YankInstanceType",
            new String[] {"block-node", "chardev", "migration"}, kind -> kind);
    private static final Argument<String> TYPE = Argument.required("type", KIND);
    private static final Argument<List<Arguments>> INSTANCES = Argument.required("instances",
            Types.items(new InputObject("YankInstance", List.of(TYPE), true)));
    private static final Struct<String> INSTANCE = Struct.<String>named("YankInstance")
            .with("type", KIND, kind -> kind);

    private YankCommands() {
    }

    static void addTo(CommandTable table) {
        table.query(Declaration.of("query-yank").answers(Types.listOf(INSTANCE)).outOfBand(), _ -> List.of());
        table.add(Declaration.of("yank").takes(INSTANCES).outOfBand(), arguments -> {
            if (!arguments.get(INSTANCES).isEmpty()) {
                throw new QmpException(Kind.DEVICE_NOT_FOUND, "Instance not found");
            }
        });
    }
}
