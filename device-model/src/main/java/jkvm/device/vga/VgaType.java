package jkvm.device.vga;

import java.util.List;
import java.util.Optional;
import jkvm.bios.video.VideoRom;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.PciType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.pci.PciFunction;

/** The entry of the standard display adapter. */
public final class VgaType extends PciType {
    public static final VgaType TYPE = new VgaType();
    private static final int MIB = 1 << 20;
    private static final int MAX_MIB = 512;
    private static final int MAX_PIXELS = 4095;
    private static final int DEFAULT_WIDTH = 1280;
    private static final int DEFAULT_HEIGHT = 800;

    /** Its memory in MiB; the next power of two is taken. */
    public static final Property<Integer> MEMORY = Property.number("vgamem_mb", 1, MAX_MIB, "memory in MiB").or(16);
    /** Whether the screen says what it is. */
    public static final Property<Boolean> EDID = Property.flag("edid", "the screen tells its sizes").or(true);
    /** The width that the screen prefers, in pixels; 0 for the usual one. */
    public static final Property<Integer> WIDTH = Property.number("xres", 0, MAX_PIXELS, "preferred width").or(0);
    /** The height that the screen prefers, in pixels; 0 for the usual one. */
    public static final Property<Integer> HEIGHT = Property.number("yres", 0, MAX_PIXELS, "preferred height").or(0);

    private VgaType() {
        super("VGA", Category.DISPLAY, "VGA compatible, with Bochs' display interface");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(MEMORY, EDID, WIDTH, HEIGHT);
    }

    @Override
    public Optional<byte[]> builtInRom() {
        return Optional.of(VideoRom.image());
    }

    @Override
    public PciFunction create(Board board, Properties properties) {
        int mib = Integer.highestOneBit(2 * properties.get(MEMORY) - 1);
        int width = properties.get(WIDTH);
        int height = properties.get(HEIGHT);
        byte[] edid = properties.get(EDID) ? Edid.of(width == 0 ? DEFAULT_WIDTH : width,
                height == 0 ? DEFAULT_HEIGHT : height) : new byte[0];
        Vga vga = new Vga(properties.id(), board.deviceMemory(properties.id(), (long) mib * MIB), board.clock(), edid);
        vga.answer(board.ports(), board.memory());
        board.screen(properties.id(), vga.screen());
        return vga;
    }
}
