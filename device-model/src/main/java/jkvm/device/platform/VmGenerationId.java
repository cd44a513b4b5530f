package jkvm.device.platform;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.UUID;
import jkvm.bus.Device;
import jkvm.device.board.RandomSource;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.tables.GenerationIdTable;

/**
 * The VM generation ID: 16 bytes in the guest's memory that change whenever the guest may be one of several that go on
 * from the same state, so that it draws its random numbers anew. A general-purpose event says so. Firmware from outside
 * puts the page of the ID anywhere and writes its address to a file of {@link FwCfg}; without it, the ID has a place of
 * its own ({@link GenerationIdTable#ADDRESS}). Source: QEMU's {@code docs/specs/vmgenid}.
 *
 * <p>A hostile guest may write any address to that file: the 16 bytes go into guest RAM, or nowhere.
 */
public final class VmGenerationId implements Device {
    private static final int ID_SIZE = 2 * Long.BYTES;
    private static final int STATE_VERSION = 1;

    private final String name;
    private final Optional<UUID> given;
    private final RandomSource random;
    private final GuestMemory memory;
    private final byte[] page = new byte[GenerationIdTable.FILE_SIZE];
    private final ByteBuffer address = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private UUID id;
    private long fixedAddress;
    private Runnable event = () -> { };

    /**
     * An ID that is nowhere yet.
     *
     * @param given  the user's ID for this machine; empty for a random one
     */
    public VmGenerationId(String name, Optional<UUID> given, RandomSource random, GuestMemory memory) {
        this.name = name;
        this.given = given;
        this.random = random;
        this.memory = memory;
        become(given.orElseGet(this::randomId));
    }

    private UUID randomId() {
        byte[] bytes = new byte[ID_SIZE];
        random.read(bytes, bytes.length);
        ByteBuffer bits = ByteBuffer.wrap(bytes);
        return new UUID(bits.getLong(), bits.getLong());
    }

    private void become(UUID newId) {
        id = newId;
        // As in SMBIOS: the first three fields are little-endian.
        ByteBuffer bytes = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN).position(GenerationIdTable.FILE_OFFSET);
        long high = newId.getMostSignificantBits();
        bytes.putInt((int) (high >>> 32)).putShort((short) (high >>> 16)).putShort((short) high);
        bytes.putLong(Long.reverseBytes(newId.getLeastSignificantBits()));
        show();
    }

    private void show() {
        long at = address.getLong(0);
        if (at != 0 && memory.contains(at, ID_SIZE)) {
            memory.write(at, page, GenerationIdTable.FILE_OFFSET, ID_SIZE);
        }
    }

    private synchronized void placed() {
        show();
    }

    /** Lets firmware place the ID, which the tables that it loads refer to. Before the guest runs. */
    public void offer(FwCfg files) {
        files.putFile(GenerationIdTable.ID_FILE, page);
        files.putWritableFile(GenerationIdTable.ADDRESS_FILE, address.array(), this::placed);
    }

    /** Places the ID where the tables of a machine without firmware say. Before the guest runs. */
    public synchronized void placeAt(long guestAddress) {
        fixedAddress = guestAddress;
        address.putLong(0, guestAddress);
        show();
    }

    /** Takes what tells the guest of a change. Before the guest runs. */
    public void onChange(Runnable newEvent) {
        event = newEvent;
    }

    /** The ID at this moment. Any thread may ask. */
    public synchronized UUID id() {
        return id;
    }

    /**
     * Called when the machine has taken a state over, RAM too, and stands still. The user's ID for a new machine holds;
     * without one a copy gets a random ID, and a machine that goes on here keeps its own.
     *
     * @param isCopy whether the saved machine may go on elsewhere, too
     * @param isNew  whether no vCPU of this machine has run
     */
    public void loaded(boolean isCopy, boolean isNew) {
        boolean hasChanged;
        synchronized (this) {
            UUID before = id;
            become(isNew && given.isPresent() ? given.get() : isCopy ? randomId() : id);
            hasChanged = !id.equals(before);
        }
        if (hasChanged) {
            event.run();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized void reset() {
        address.putLong(0, fixedAddress);
        show();
    }

    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putLong("idHigh", id.getMostSignificantBits());
        out.putLong("idLow", id.getLeastSignificantBits());
        out.putLong("address", address.getLong(0));
    }

    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        UUID saved = new UUID(in.getLong("idHigh"), in.getLong("idLow"));
        // RAM, which has the saved ID there, is loaded later.
        address.putLong(0, 0);
        become(saved);
        address.putLong(0, in.getLong("address"));
    }
}
