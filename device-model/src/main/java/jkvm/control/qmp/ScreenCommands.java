package jkvm.control.qmp;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import jkvm.host.HostException;
import jkvm.host.display.DisplayHub;
import jkvm.host.display.PictureFormat;
import jkvm.machine.Machine;

/** The command that saves a picture of the screen. */
final class ScreenCommands {
    private static final Argument<String> FILE = Argument.required("filename", Types.STR);
    private static final Argument<String> DEVICE = Argument.optional("device", Types.STR);
    private static final Argument<Long> HEAD = Argument.optional("head", Types.INT);
    private static final Argument<PictureFormat> FORMAT = Argument.optional("format",
            Types.choice("ImageFormat", PictureFormat.values(), PictureFormat::text));

    private final Machine machine;

    ScreenCommands(Machine machine) {
        this.machine = machine;
    }

    void addTo(CommandTable table) {
        table.add(Declaration.of("screendump").takes(FILE, DEVICE, HEAD, FORMAT), this::dump);
    }

    private void dump(Arguments arguments) throws QmpException {
        String name = arguments.get(FILE);
        Optional<String> device = arguments.find(DEVICE);
        DisplayHub display = machine.display()
                .orElseThrow(() -> new QmpException("There is no console to take a screendump from."));
        if (device.isEmpty() && arguments.find(HEAD).orElse(0L) != 0) {
            throw new QmpException("'head' must be specified together with 'device'");
        }
        if (device.isPresent() && !device.get().equals(display.device())) {
            throw new QmpException("Device '" + device.get() + "' not found");
        }
        try {
            display.dump(Path.of(name), arguments.find(FORMAT).orElse(PictureFormat.PPM));
        } catch (InvalidPathException e) {
            throw new QmpException("failed to open file '" + name + "': " + e.getReason());
        } catch (IOException e) {
            throw new QmpException("failed to open file '" + name + "': " + HostException.reasonOf(e));
        }
    }
}
