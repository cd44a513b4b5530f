package jkvm.bios.video;

import jkvm.bios.BiosHost;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.PhysicalMemory;
import jkvm.bios.Ports;
import jkvm.bios.ServiceTable;
import jkvm.memory.GuestMemory;

/** The services of INT 10h for a VGA with Bochs' display interface, as its ROM calls them. */
public final class VideoServices {
    private static final int VIDEO = 0x10;
    private static final int START_MODE = 3;

    private final Video video;
    private final ModeSetter modes;
    private final CursorServices cursor;

    private VideoServices(GuestMemory ram, Ports ports, PhysicalMemory memory) {
        video = new Video(ram, ports, memory);
        modes = new ModeSetter(video, new FontLoader(video));
        cursor = new CursorServices(video);
    }

    /** A table with these services instead of others of INT 10h. */
    public static ServiceTable addTo(ServiceTable table, BiosHost host) {
        return addTo(table, host.ram(), host.ports(), host.memory());
    }

    /** The same for a machine with another BIOS, which has no {@link BiosHost}. */
    public static ServiceTable addTo(ServiceTable table, GuestMemory ram, Ports ports, PhysicalMemory memory) {
        return new VideoServices(ram, ports, memory).putInto(table);
    }

    private ServiceTable putInto(ServiceTable table) {
        SavedState saved = new SavedState(video);
        TextServices text = new TextServices(video, cursor);
        PixelServices pixels = new PixelServices(video);
        ColourServices colours = new ColourServices(video);
        StateServices state = new StateServices(video, saved);
        return table
                .with(VIDEO, call -> Outcome.DONE)
                .with(ServiceTable.VIDEO_START, this::start)
                .with(VIDEO, 0x00, this::setMode)
                .with(VIDEO, 0x01, cursor::setShape)
                .with(VIDEO, 0x02, cursor::setPosition)
                .with(VIDEO, 0x03, cursor::position)
                .with(VIDEO, 0x04, cursor::lightPen)
                .with(VIDEO, 0x05, cursor::selectPage)
                .with(VIDEO, 0x06, text::scrollUp)
                .with(VIDEO, 0x07, text::scrollDown)
                .with(VIDEO, 0x08, text::read)
                .with(VIDEO, 0x09, text::writeWithAttribute)
                .with(VIDEO, 0x0A, text::write)
                .with(VIDEO, 0x0B, colours::cga)
                .with(VIDEO, 0x0C, pixels::write)
                .with(VIDEO, 0x0D, pixels::read)
                .with(VIDEO, 0x0E, text::teletype)
                .with(VIDEO, 0x0F, state::mode)
                .with(VIDEO, 0x10, colours::palette)
                .with(VIDEO, 0x11, new FontServices(video, new FontLoader(video))::font)
                .with(VIDEO, 0x12, new SelectServices(video)::select)
                .with(VIDEO, 0x13, text::writeString)
                .with(VIDEO, 0x1A, state::combination)
                .with(VIDEO, 0x1B, state::information)
                .with(VIDEO, 0x1C, state::keep)
                .with(VIDEO, 0x4F, new VbeServices(video, modes, saved)::call);
    }

    /** Called by the ROM's code when firmware runs it. */
    private Outcome start(Call call) {
        video.data().reset();
        modes.set(START_MODE);
        return Outcome.DONE;
    }

    private Outcome setMode(Call call) {
        int asked = call.al();
        if (modes.set(asked)) {
            // As IBM's: what a mode's number says of it.
            int mode = asked & 0x7F;
            call.al(mode == 6 ? 0x3F : mode <= 7 ? 0x30 : 0x20);
        }
        return Outcome.DONE;
    }
}
