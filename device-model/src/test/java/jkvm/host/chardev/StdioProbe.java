package jkvm.host.chardev;

import java.util.concurrent.CountDownLatch;
import jkvm.linux.FfmSyscalls;
import jkvm.work.Workers;

/** A process for {@link StdioTest}: standard input and output as a multiplexed chardev, and a device that echoes. */
final class StdioProbe {
    private StdioProbe() {
    }

    public static void main(String[] arguments) throws InterruptedException {
        CountDownLatch quit = new CountDownLatch(1);
        try (Chardevs chardevs = new Chardevs(new FfmSyscalls(), System.out, System.err, quit::countDown,
                Workers.onThreads())) {
            Chardev stdio = chardevs.open(new ChardevSpec("serial0", new ChardevSpec.Stdio(false), true));
            stdio.connect(new Echo(stdio));
            quit.await();
        }
    }

    private record Echo(Chardev to) implements CharDevice {
        @Override
        public int receivable() {
            return 1;
        }

        @Override
        public void receive(byte[] data, int offset, int length) {
            to.transmit(data[offset]);
            if (data[offset] == '\4') {
                "after the end\n".chars().forEach(letter -> to.transmit((byte) letter));
            }
        }

        @Override
        public void writable() {
        }

        @Override
        public void connected(boolean present) {
            to.transmit((byte) '>');
        }
    }
}
