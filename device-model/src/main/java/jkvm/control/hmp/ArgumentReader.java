package jkvm.control.hmp;

import java.util.Optional;

/** Reads the arguments of a command by its parameters. A format stays the default of later commands, as in QEMU. */
final class ArgumentReader {
    private static final int DEFAULT_SIZE = 4;
    private static final int MAX_COUNT = 1_000_000;
    private static final String EXTRA = "extraneous characters at the end of line";

    private final ExpressionReader.Registers registers;
    private char lastKind = 'x';
    private int lastSize = DEFAULT_SIZE;

    ArgumentReader(ExpressionReader.Registers registers) {
        this.registers = registers;
    }

    /** @throws MonitorException if the text does not fit */
    Arguments read(MonitorCommand command, CommandText text) {
        Arguments arguments = new Arguments();
        String title = command.title();
        if (command.hasFlags()) {
            readFlags(command, text, arguments);
        }
        for (Parameter parameter : command.parameters()) {
            read(title, parameter, text, arguments);
        }
        if (!text.isAtEnd()) {
            throw new MonitorException(title + ": " + EXTRA);
        }
        return arguments;
    }

    private void read(String title, Parameter parameter, CommandText text, Arguments arguments) {
        String name = parameter.name();
        switch (parameter.kind()) {
            case FORMAT -> arguments.put(format(text));
            case FLAG -> {
                // All of them are read before.
            }
            case SETTING -> readSetting(title, name, text, arguments);
            case NUMBER -> {
                if (!parameter.isOptional() || !text.isAtEnd()) {
                    arguments.put(name, new ExpressionReader(text, registers).read());
                }
            }
            case REST -> {
                if (text.isAtEnd()) {
                    requireOptional(title, parameter);
                } else {
                    arguments.put(name, text.rest().stripTrailing());
                }
            }
            case WORD, FILE, DISK -> Optional.ofNullable(text.word()).ifPresentOrElse(
                    word -> arguments.put(name, word), () -> requireOptional(title, parameter));
        }
    }

    private static void requireOptional(String title, Parameter parameter) {
        if (!parameter.isOptional()) {
            throw new MonitorException(title + ": " + parameter.kind().complaint());
        }
    }

    private static void readSetting(String title, String letter, CommandText text, Arguments arguments) {
        text.skipBlanks();
        if (text.isAtEnd() || text.peek() != '-') {
            return;
        }
        text.skip();
        String given = String.valueOf(text.next());
        if (!given.equals(letter)) {
            throw new MonitorException(title + ": unsupported option -" + given);
        }
        String word = text.word();
        if (word == null) {
            throw new MonitorException(title + ": string expected");
        }
        arguments.put(letter, word);
    }

    /** The letters of all flags that begin here, in any order. */
    private static void readFlags(MonitorCommand command, CommandText text, Arguments arguments) {
        while (!text.isAtEnd() && text.peek() == '-') {
            text.skip();
            String letter = String.valueOf(text.next());
            if (command.parameters().stream().noneMatch(one -> one.isFlag(letter))) {
                throw new MonitorException(command.title() + ": unsupported option -" + letter);
            }
            arguments.put(letter, letter);
        }
    }

    private DumpFormat format(CommandText text) {
        char kind = lastKind;
        int size = 0;
        int count = 1;
        text.skipBlanks();
        if (text.peek() == '/') {
            text.skip();
            count = Character.isDigit(text.peek()) ? count(text) : 1;
            for (char letter = text.peek(); letter != 0 && !CommandText.isBlank(letter); letter = text.peek()) {
                text.skip();
                switch (letter) {
                    case 'o', 'd', 'u', 'x', 'i', 'c' -> kind = letter;
                    case 'b' -> size = Byte.BYTES;
                    case 'h' -> size = Short.BYTES;
                    case 'w' -> size = Integer.BYTES;
                    case 'g', 'L' -> size = Long.BYTES;
                    default -> throw new MonitorException("invalid char in format: '" + letter + "'");
                }
            }
        }
        lastSize = size == 0 ? lastSize : size;
        lastKind = kind;
        return new DumpFormat(count, kind, lastSize);
    }

    private static int count(CommandText text) {
        int count = 0;
        while (Character.isDigit(text.peek())) {
            count = Math.min(MAX_COUNT, count * 10 + text.next() - '0');
        }
        return count;
    }
}
