package jkvm.machine;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import jkvm.device.testdev.IsaDebugExitType;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DriveSpec;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;

/** Parts of the machines of tests. */
public final class TestConfigs {
    /** The host side of the first serial port: the test opens it. */
    public static final ChardevSpec SERIAL = new ChardevSpec("serial0", new ChardevSpec.Stdio(true), false);
    /** A write of V to port 0xf4 ends the machine with status V*2+1. */
    public static final DeviceConfig EXIT = DeviceConfig.of(IsaDebugExitType.TYPE).with(IsaDebugExitType.PORT, 0xf4)
            .with(IsaDebugExitType.SIZE, 4);

    private TestConfigs() {
    }

    /** A machine with a serial port and an exit port. */
    public static MachineConfig.Builder machine(int memoryMebibytes) {
        return MachineConfig.builder().memory((long) memoryMebibytes << 20).serial(SERIAL).device(EXIT);
    }

    /** A flat image in which the first CPU starts. */
    static BootConfig.Loader start(Path image, long address) {
        return new BootConfig.Loader(Optional.of(image), OptionalLong.of(address), OptionalInt.of(0), false);
    }

    /** A raw disk image. */
    public static DriveSpec rawDrive(String id, Path image) {
        return DriveSpec.ofPath(id, image, ImageOptions.WRITABLE.withFormat(ImageFormat.RAW));
    }
}
