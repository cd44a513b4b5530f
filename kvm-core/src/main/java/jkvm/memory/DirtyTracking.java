package jkvm.memory;

import java.util.ArrayList;
import java.util.List;

/**
 * All users of the changes of one memory. One for each memory: a VM has it.
 *
 * <p>Locking: its monitor guards everything here; with it held it calls {@link VcpuWrites}.
 */
public final class DirtyTracking {
    private final GuestMemory memory;
    private final VcpuWrites vcpus;
    private final List<DirtyPages> users = new ArrayList<>();
    /** What devices wrote since it was looked at; null without users. */
    private PageBitmap devices;
    /** Empty between two looks. */
    private PageBitmap gathered;

    /** The log of the pages that vCPUs write, in the numbers of a memory's {@link PageBitmap}. */
    public interface VcpuWrites {
        /** Starts the log. */
        void start(GuestMemory memory);

        /** Adds the pages that were written since the last call, and logs them anew. */
        void collect(PageBitmap into);

        /** Ends the log. */
        void stop();
    }

    /** @param vcpus where the vCPUs' writes are logged */
    public DirtyTracking(GuestMemory memory, VcpuWrites vcpus) {
        this.memory = memory;
        this.vcpus = vcpus;
    }

    /** Starts tracking for one more user. No vCPU runs and no device writes meanwhile. */
    public synchronized DirtyPages open() {
        if (users.isEmpty()) {
            vcpus.start(memory);
            gathered = new PageBitmap(memory);
            devices = new PageBitmap(memory);
            memory.noteWrites(devices);
        } else {
            gather();
        }
        DirtyPages user = new DirtyPages(this, memory);
        users.add(user);
        return user;
    }

    synchronized void take(DirtyPages user, PageBitmap into) {
        if (!users.contains(user)) {
            throw new IllegalStateException("writes are no longer tracked");
        }
        gather();
        user.pending().moveTo(into);
    }

    synchronized void wroteBack(DirtyPages writer, PageBitmap pages) {
        for (DirtyPages user : users) {
            if (user != writer) {
                user.pending().addAll(pages);
            }
        }
    }

    private void gather() {
        vcpus.collect(gathered);
        devices.moveTo(gathered);
        for (DirtyPages user : users) {
            user.pending().addAll(gathered);
        }
        gathered.clear();
    }

    synchronized void close(DirtyPages user) {
        if (users.remove(user) && users.isEmpty()) {
            memory.noteWrites(null);
            devices = null;
            vcpus.stop();
        }
    }
}
