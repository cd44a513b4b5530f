package jkvm.control.hmp;

import static jkvm.control.hmp.Parameter.optional;
import static jkvm.control.hmp.Parameter.required;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import jkvm.control.hmp.Parameter.Kind;
import jkvm.host.HostException;
import jkvm.host.display.DisplayHub;
import jkvm.host.display.PictureFormat;

/** The command that saves a picture of the screen. */
final class ScreenCommands {
    private final MonitorSession session;

    ScreenCommands(MonitorSession session) {
        this.session = session;
    }

    void addTo(CommandTable table) {
        table.add(MonitorCommand.of("screendump", "filename [-f format] [device [head]]",
                "save screen from head 'head' of display device 'device' in specified format 'format' as image"
                + " 'filename'; there are png and ppm", this::dump, required("filename", Kind.FILE),
                Parameter.setting('f'), optional("device", Kind.WORD), optional("head", Kind.NUMBER)));
    }

    private String dump(Arguments arguments) {
        String name = arguments.word("filename");
        String formatName = arguments.optionalWord("f").orElse(PictureFormat.PPM.text());
        PictureFormat format = Arrays.stream(PictureFormat.values()).filter(one -> one.text().equals(formatName))
                .findFirst().orElseThrow(() -> MonitorException.refused("invalid parameter value: " + formatName));
        DisplayHub display = session.machine().display()
                .orElseThrow(() -> MonitorException.refused("There is no console to take a screendump from."));
        arguments.optionalWord("device").filter(device -> !device.equals(display.device()))
                .ifPresent(device -> {
                    throw MonitorException.refused("Device '" + device + "' not found");
                });
        try {
            display.dump(Path.of(name), format);
            return "";
        } catch (InvalidPathException e) {
            throw MonitorException.refused("failed to open file '" + name + "': " + e.getReason());
        } catch (IOException e) {
            throw MonitorException.refused("failed to open file '" + name + "': " + HostException.reasonOf(e));
        }
    }
}
