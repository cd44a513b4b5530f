package jkvm.work;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Gives the inputs of a log again. A log is not trusted: one that makes no sense is refused as a whole. */
final class InputPlayer implements InputLog {
    private static final int FIELDS = 4;

    private final Path path;
    private final List<String> facts = new ArrayList<>();
    private final List<InputEntry> entries = new ArrayList<>();
    private int position;

    private InputPlayer(Path path) {
        this.path = path;
    }

    static InputPlayer open(Path path) {
        InputPlayer player = new InputPlayer(path);
        try (BufferedReader in = Files.newBufferedReader(path)) {
            player.readHeader(in);
            player.read(in.readAllAsString());
        } catch (CharacterCodingException e) {
            throw new InputLogException(InputLogException.Kind.NO_LOG, path, "", e);
        } catch (IOException e) {
            throw new InputLogException(InputLogException.Kind.CANNOT_OPEN, path, reason(e), e);
        }
        return player;
    }

    /** The host's reason in a few words. */
    static String reason(IOException e) {
        return switch (e) {
            case NoSuchFileException _ -> "No such file or directory";
            case AccessDeniedException _ -> "Permission denied";
            case FileSystemException failure when failure.getReason() != null -> failure.getReason();
            default -> e.getMessage();
        };
    }

    /** By characters, and before all else: what is no log may be endless, as a device is. */
    private void readHeader(Reader in) throws IOException {
        String line = HEADER + "\n";
        for (int i = 0; i < line.length(); i++) {
            if (in.read() != line.charAt(i)) {
                throw new InputLogException(InputLogException.Kind.NO_LOG, path, "", null);
            }
        }
    }

    /** @param text after the header */
    private void read(String text) {
        String[] lines = text.split("\n", -1);
        // After the last line's end, or of a line that was not written to its end.
        int end = lines.length - 1;
        for (int i = 0; i < end; i++) {
            if (lines[i].startsWith(FACT) && entries.isEmpty()) {
                facts.add(lines[i].substring(FACT.length()));
            } else {
                entries.add(entry(lines[i], i + 2));
            }
        }
    }

    private InputEntry entry(String line, int number) {
        String[] fields = line.split(" ", -1);
        try {
            InputEntry entry = new InputEntry(Long.parseLong(fields[0]), Long.parseLong(fields[1]), fields[2],
                    HexFormat.of().parseHex(fields[FIELDS - 1]));
            InputEntry before = entries.isEmpty() ? entry : entries.getLast();
            if (fields.length == FIELDS && entry.count() >= before.count() && entry.nanos() >= before.nanos()
                    && before.count() >= 0 && before.nanos() >= 0) {
                return entry;
            }
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException _) {
            // Refused below like one whose order is wrong.
        }
        throw new InputLogException(InputLogException.Kind.DAMAGED, path, Integer.toString(number), null);
    }

    @Override
    public boolean isReplay() {
        return true;
    }

    @Override
    public void begin(List<String> present) {
        for (int i = 0; i < Math.max(facts.size(), present.size()); i++) {
            String recorded = i < facts.size() ? facts.get(i) : "nothing more";
            String here = i < present.size() ? present.get(i) : "nothing more";
            if (!recorded.equals(here)) {
                throw new InputLogException(InputLogException.Kind.OTHER_MACHINE, path,
                        recorded + ", where this one has " + here, null);
            }
        }
    }

    @Override
    public InputEntry next() {
        return position < entries.size() ? entries.get(position) : null;
    }

    @Override
    public void advance() {
        position++;
    }

    @Override
    public int position() {
        return position;
    }

    @Override
    public void position(int value) {
        position = Math.clamp(value, 0, entries.size());
    }

    @Override
    public InputEntry last() {
        return entries.isEmpty() ? null : entries.getLast();
    }

    @Override
    public void close() {
        // It was read whole.
    }
}
