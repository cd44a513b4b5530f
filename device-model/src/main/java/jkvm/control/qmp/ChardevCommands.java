package jkvm.control.qmp;

import jkvm.host.chardev.ChardevFacts;

/** The command that tells the chardevs. */
final class ChardevCommands {
    private static final Struct<ChardevFacts> CHARDEV = Struct.<ChardevFacts>named("ChardevInfo")
            .with("label", Types.STR, ChardevFacts::label)
            .with("filename", Types.STR, ChardevFacts::place)
            .flag("frontend-open", ChardevFacts::isUsed);

    private final QmpFacts facts;

    ChardevCommands(QmpFacts facts) {
        this.facts = facts;
    }

    void addTo(CommandTable table) {
        table.query(Declaration.of("query-chardev").answers(Types.listOf(CHARDEV)), _ -> facts.chardevs().get());
    }
}
