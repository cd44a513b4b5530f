package jkvm.control.jfr;

import java.util.function.IntSupplier;
import jkvm.bus.IrqLine;
import jkvm.bus.MsiSink;
import jkvm.bus.MsiVector;
import jkvm.device.board.DeviceObserver;
import jkvm.device.virtio.VirtioDevice;
import jkvm.host.disk.DiskImage;
import jkvm.host.image.DriveSpec;
import jkvm.host.net.NetBackend;

/** Tells what devices do with their disks, networks, queues and interrupts. */
final class FlightDevices implements DeviceObserver {
    private static final int NOWHERE = -1;

    @Override
    public IrqLine around(IrqLine line, String device, IntSupplier gsi) {
        return new Line(line, device, gsi);
    }

    /** A device drives its line again and again to the level that it has; changes alone are told. */
    private static final class Line implements IrqLine {
        private final IrqLine line;
        private final String device;
        private final IntSupplier gsi;
        private boolean level;

        Line(IrqLine line, String device, IntSupplier gsi) {
            this.line = line;
            this.device = device;
            this.gsi = gsi;
        }

        @Override
        public void set(boolean newLevel) {
            synchronized (this) {
                if (level != newLevel) {
                    level = newLevel;
                    tell();
                }
            }
            line.set(newLevel);
        }

        private void tell() {
            InterruptEvent event = new InterruptEvent();
            if (event.shouldCommit()) {
                event.device = device;
                event.kind = "GSI";
                event.gsi = gsi.getAsInt();
                event.level = level;
                event.commit();
            }
        }
    }

    @Override
    public MsiSink messages(MsiSink sink, String device) {
        return () -> new Messages(sink.newVector(), device);
    }

    private static final class Messages implements MsiVector {
        private final MsiVector vector;
        private final String device;
        private volatile long address;
        private volatile int data;

        Messages(MsiVector vector, String device) {
            this.vector = vector;
            this.device = device;
        }

        @Override
        public void route(long newAddress, int newData) {
            address = newAddress;
            data = newData;
            vector.route(newAddress, newData);
        }

        @Override
        public void signal() {
            InterruptEvent event = new InterruptEvent();
            if (event.shouldCommit()) {
                event.device = device;
                event.kind = "MSI";
                event.gsi = NOWHERE;
                event.level = true;
                event.address = address;
                event.data = data;
                event.commit();
            }
            vector.signal();
        }

        @Override
        public void close() {
            vector.close();
        }
    }

    @Override
    public DiskImage disk(DiskImage image, String device, DriveSpec drive) {
        return new TimedDisk(image, device, drive.id());
    }

    @Override
    public NetBackend network(NetBackend backend, String device) {
        return new WatchedNetwork(backend, device);
    }

    @Override
    public VirtioDevice virtio(VirtioDevice device) {
        return new TimedVirtio(device);
    }
}
