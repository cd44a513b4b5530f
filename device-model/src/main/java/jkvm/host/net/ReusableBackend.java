package jkvm.host.net;

/**
 * A backend for one NIC after the other: it stays open when a NIC is gone, and serves the next one. While there is none
 * its frames for the guest are lost.
 *
 * <p>The monitor says which NIC there is. It is held while the backend calls that one, so that no call is in progress
 * when the NIC has been unplugged; a NIC's own calls while it is plugged in do not take it.
 */
public final class ReusableBackend implements AutoCloseable {
    private final NetBackend inner;
    /** Null while there is none; written with the monitor held. */
    private volatile NetDevice device;
    /** Guarded by this, as the next field. */
    private Use use;
    private boolean attached;

    /** @param inner not attached yet; closed with this one */
    public ReusableBackend(NetBackend inner) {
        this.inner = inner;
    }

    /** True between {@link #use()} and the close of what it gave. */
    public synchronized boolean isUsed() {
        return use != null;
    }

    /**
     * The backend for the next NIC, whose close leaves this one open.
     *
     * @throws IllegalStateException while another NIC has it
     */
    public synchronized NetBackend use() {
        if (use != null) {
            throw new IllegalStateException("a NIC has this backend");
        }
        use = new Use();
        return use;
    }

    @Override
    public void close() {
        inner.close();
    }

    private void attach(Use by, NetDevice nic) {
        boolean isFirst;
        synchronized (this) {
            if (use != by) {
                throw new IllegalStateException("closed");
            }
            device = nic;
            isFirst = !attached;
            attached = true;
        }
        if (isFirst) {
            inner.attach(new CurrentDevice());
        } else {
            inner.offloadsChanged();
        }
    }

    private void unplug(Use by) {
        synchronized (this) {
            if (use != by) {
                return;
            }
            device = null;
            use = null;
            if (!attached) {
                return;
            }
        }
        // A frame that waits for room in the NIC is lost.
        inner.receiveReady();
    }

    /** The NIC that there is, as the backend sees it. */
    private final class CurrentDevice implements NetDevice {
        @Override
        public boolean receive(NetFrame frame) {
            synchronized (ReusableBackend.this) {
                return device == null || device.receive(frame);
            }
        }

        @Override
        public void sendReady() {
            synchronized (ReusableBackend.this) {
                if (device != null) {
                    device.sendReady();
                }
            }
        }

        /** Without the monitor: a backend asks within the NIC's {@link Use#offloadsChanged()}, its lock held. */
        @Override
        public int offloads() {
            NetDevice nic = device;
            return nic == null ? 0 : nic.offloads();
        }
    }

    /** The backend of one NIC. */
    private final class Use implements NetBackend {
        @Override
        public void attach(NetDevice nic) {
            ReusableBackend.this.attach(this, nic);
        }

        @Override
        public int offloads() {
            return inner.offloads();
        }

        @Override
        public NetFrame claim() {
            return inner.claim();
        }

        @Override
        public void send(NetFrame frame) {
            inner.send(frame);
        }

        @Override
        public void receiveReady() {
            inner.receiveReady();
        }

        @Override
        public void offloadsChanged() {
            inner.offloadsChanged();
        }

        @Override
        public void close() {
            unplug(this);
        }
    }
}
