package jkvm.device.board;

import java.util.function.IntSupplier;
import jkvm.bus.IrqLine;
import jkvm.bus.LineWatch;
import jkvm.bus.MsiSink;
import jkvm.device.virtio.VirtioDevice;
import jkvm.host.disk.DiskImage;
import jkvm.host.image.DriveSpec;
import jkvm.host.net.NetBackend;

/**
 * Puts itself between a machine's devices and what they work with: to trace, count or time that. Each method is called
 * while a device is made, answers what the device gets instead, and hands all calls on. Devices know nothing of it, and
 * a machine without one has nothing of it in its paths.
 */
public interface DeviceObserver extends LineWatch {
    /** Looks at nothing. */
    DeviceObserver NONE = new DeviceObserver() {
    };

    @Override
    default IrqLine around(IrqLine line, String device, IntSupplier gsi) {
        return line;
    }

    /** @param device whose messages these are */
    default MsiSink messages(MsiSink sink, String device) {
        return sink;
    }

    /** @param device that makes the requests */
    default DiskImage disk(DiskImage image, String device, DriveSpec drive) {
        return image;
    }

    /** @param device the card */
    default NetBackend network(NetBackend backend, String device) {
        return backend;
    }

    /** A virtio device as its transport sees it. */
    default VirtioDevice virtio(VirtioDevice device) {
        return device;
    }
}
