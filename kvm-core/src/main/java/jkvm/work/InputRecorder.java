package jkvm.work;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/** Writes a log of inputs. A host that takes no more, such as a full disk, ends the log, not the guest. */
final class InputRecorder implements InputLog {
    private final Path path;
    private final BufferedWriter out;
    private int written;
    private boolean failed;

    private InputRecorder(Path path, BufferedWriter out) {
        this.path = path;
        this.out = out;
    }

    static InputRecorder create(Path path) {
        try {
            return new InputRecorder(path, Files.newBufferedWriter(path, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new InputLogException(InputLogException.Kind.CANNOT_OPEN, path, InputPlayer.reason(e), e);
        }
    }

    @Override
    public boolean isRecording() {
        return true;
    }

    @Override
    public void begin(List<String> facts) {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        facts.forEach(fact -> text.append(FACT).append(fact).append('\n'));
        write(text.toString());
    }

    @Override
    public void write(InputEntry entry) {
        write(entry.count() + " " + entry.nanos() + " " + entry.channel() + " "
                + HexFormat.of().formatHex(entry.data()) + "\n");
        written++;
    }

    /** Each line is handed to the host at once: the log of a process that is killed has all inputs. */
    private void write(String text) {
        if (failed) {
            return;
        }
        try {
            out.write(text);
            out.flush();
        } catch (IOException e) {
            failed = true;
            System.getLogger("jkvm.work").log(System.Logger.Level.WARNING, "the recording " + path + " ends after "
                    + written + " inputs, the guest continues: " + InputPlayer.reason(e));
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException _) {
            // Each line was flushed, and a line that was not is reported.
        }
    }
}
