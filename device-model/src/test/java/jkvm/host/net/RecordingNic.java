package jkvm.host.net;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A NIC that keeps what it receives, as long as it has room. */
class RecordingNic implements NetDevice {
    private final List<byte[]> frames = new ArrayList<>();
    volatile int room = Integer.MAX_VALUE;
    volatile int ready;
    volatile int offloads;

    @Override
    public boolean receive(NetFrame frame) {
        if (room == 0) {
            return false;
        }
        room--;
        synchronized (frames) {
            frames.add(bytes(frame));
        }
        return true;
    }

    @Override
    public void sendReady() {
        ready++;
    }

    @Override
    public int offloads() {
        return offloads;
    }

    List<byte[]> frames() {
        synchronized (frames) {
            return List.copyOf(frames);
        }
    }

    boolean await(int count) {
        return awaitThat(() -> frames().size() >= count);
    }

    static boolean awaitThat(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }

    static byte[] bytes(NetFrame frame) {
        byte[] bytes = new byte[frame.length()];
        frame.data().get(0, bytes);
        return bytes;
    }

    static NetFrame frame(byte... bytes) {
        NetFrame frame = new NetFrame();
        frame.data().put(0, bytes);
        frame.setLength(bytes.length);
        return frame;
    }
}
