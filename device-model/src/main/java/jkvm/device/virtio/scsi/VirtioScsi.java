package jkvm.device.virtio.scsi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jkvm.bus.Device;
import jkvm.device.board.Properties;
import jkvm.device.board.PropertyException;
import jkvm.device.board.UnitBus;
import jkvm.device.scsi.ScsiTarget;
import jkvm.device.scsi.ScsiUnit;
import jkvm.device.scsi.ScsiUnitType;
import jkvm.device.virtio.DeviceLink;
import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.queue.DescriptorChain;
import jkvm.device.virtio.queue.VirtQueue;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** A SCSI host adapter. A unit is guarded by its own monitor; the queues are independent of one another. */
public final class VirtioScsi implements VirtioDevice, UnitBus {
    public static final int TYPE = 8;
    public static final int MAX_QUEUES = 64;
    public static final int MAX_SECTORS = 0xFFFF;
    public static final int COMMANDS_PER_UNIT = 128;

    static final int CONTROL_QUEUE = 0;
    static final int EVENT_QUEUE = 1;
    static final int FIRST_REQUEST_QUEUE = 2;
    static final int CONFIG_SIZE = 36;
    static final int SENSE_SIZE_OFFSET = 20;
    static final int CDB_SIZE_OFFSET = 24;
    static final int DEFAULT_SENSE_SIZE = 96;
    static final int DEFAULT_CDB_SIZE = 32;
    static final int TARGETS = 256;
    static final ScsiTarget NO_UNITS = new ScsiTarget();

    private static final int STATE_VERSION = 1;
    private static final int MAX_SEGMENTS = DEFAULT_QUEUE_SIZE - 2;
    private static final int EVENT_SIZE = 16;
    private static final int MAX_SENSE_SIZE = 0xFFFF;
    private static final int TASK_MANAGEMENT = 0;
    private static final int QUERY = 1;
    private static final int SUBSCRIBE = 2;
    private static final int TASK_MANAGEMENT_SIZE = 24;
    private static final int QUERY_SIZE = 16;
    private static final int LUN_OFFSET = 8;
    private static final int TARGET_RESET = 4;
    private static final int UNIT_RESET = 5;
    private static final int LAST_FUNCTION = 7;
    private static final int CLEAR_ACA = 2;
    private static final int COMPLETE = 0;
    private static final int BAD_TARGET = 3;
    private static final int REJECTED = 11;
    private static final int INCORRECT_UNIT = 12;

    private final String name;
    private final int requestQueues;
    private final byte[] config = new byte[CONFIG_SIZE];
    private final ScsiTarget[] targets = new ScsiTarget[TARGETS];
    private final ScsiRequests[] requests;
    private final byte[] control = new byte[TASK_MANAGEMENT_SIZE];
    private volatile int senseSize = DEFAULT_SENSE_SIZE;
    private volatile int cdbSize = DEFAULT_CDB_SIZE;
    private volatile DeviceLink link;

    /**
     * An adapter without units.
     *
     * @param requestQueues 1 to {@value #MAX_QUEUES}
     * @param maxSectors    the most that one request should move
     * @param depth         how many commands a driver should keep under way for a unit
     */
    public VirtioScsi(String name, int requestQueues, int maxSectors, int depth) {
        this.name = name;
        this.requestQueues = requestQueues;
        Arrays.fill(targets, NO_UNITS);
        requests = new ScsiRequests[requestQueues];
        Arrays.setAll(requests, _ -> new ScsiRequests(targets));
        ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN).putInt(requestQueues).putInt(MAX_SEGMENTS)
                .putInt(maxSectors).putInt(depth).putInt(EVENT_SIZE).putInt(0).putInt(0).putShort((short) 0)
                .putShort((short) (TARGETS - 1)).putInt(ScsiTarget.MAX_UNITS - 1);
    }

    @Override
    public int placeOf(Properties properties) {
        int channel = properties.get(ScsiUnitType.CHANNEL);
        int target = properties.find(ScsiUnitType.TARGET).orElse(-1);
        int unit = properties.find(ScsiUnitType.UNIT).orElse(-1);
        if (channel != 0) {
            throw PropertyException.invalid(ScsiUnitType.CHANNEL.name(), channel, "bad scsi channel id: " + channel);
        }
        if (target >= TARGETS) {
            throw PropertyException.invalid(ScsiUnitType.TARGET.name(), target, "bad scsi device id: " + target);
        }
        if (unit >= ScsiTarget.MAX_UNITS) {
            throw PropertyException.invalid(ScsiUnitType.UNIT.name(), unit, "bad scsi device lun: " + unit);
        }
        int foundTarget = Math.max(target, 0);
        while (target < 0 && foundTarget < TARGETS - 1 && targets[foundTarget].unit(Math.max(unit, 0)) != null) {
            foundTarget++;
        }
        int foundUnit = Math.max(unit, 0);
        while (unit < 0 && foundUnit < ScsiTarget.MAX_UNITS - 1 && targets[foundTarget].unit(foundUnit) != null) {
            foundUnit++;
        }
        ScsiUnit other = targets[foundTarget].unit(foundUnit);
        if (other != null) {
            throw PropertyException.invalid(ScsiUnitType.UNIT.name(), foundUnit, "lun already used by '"
                    + other.name() + "'");
        }
        return foundTarget * ScsiTarget.MAX_UNITS + foundUnit;
    }

    @Override
    public void plug(int place, Device unit) {
        int target = place / ScsiTarget.MAX_UNITS;
        targets[target] = targets[target].with(place % ScsiTarget.MAX_UNITS, (ScsiUnit) unit);
    }

    @Override
    public String pathOf(int place) {
        return "channel@0/disk@%x,%x".formatted(place / ScsiTarget.MAX_UNITS, place % ScsiTarget.MAX_UNITS);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public int queues() {
        return FIRST_REQUEST_QUEUE + requestQueues;
    }

    @Override
    public int configSize() {
        return CONFIG_SIZE;
    }

    @Override
    public int readConfig(int offset) {
        if (offset >= SENSE_SIZE_OFFSET && offset < CDB_SIZE_OFFSET) {
            return senseSize >> 8 * (offset - SENSE_SIZE_OFFSET);
        }
        if (offset >= CDB_SIZE_OFFSET && offset < CDB_SIZE_OFFSET + Integer.BYTES) {
            return cdbSize >> 8 * (offset - CDB_SIZE_OFFSET);
        }
        return config[offset];
    }

    /** The driver may choose two sizes; larger ones than there are count as the largest. */
    @Override
    public void writeConfig(int offset, int value) {
        if (offset >= SENSE_SIZE_OFFSET && offset < CDB_SIZE_OFFSET) {
            senseSize = changed(senseSize, offset - SENSE_SIZE_OFFSET, value, MAX_SENSE_SIZE);
        } else if (offset >= CDB_SIZE_OFFSET && offset < CDB_SIZE_OFFSET + Integer.BYTES) {
            cdbSize = changed(cdbSize, offset - CDB_SIZE_OFFSET, value, ScsiRequests.MAX_CDB_SIZE);
        }
    }

    private static int changed(int size, int index, int value, int most) {
        int shift = 8 * index;
        long whole = size & ~(0xFFL << shift) | (value & 0xFFL) << shift;
        return (int) Math.min(whole, most);
    }

    @Override
    public void start(long features, DeviceLink newLink) {
        link = newLink;
    }

    @Override
    public void stop() {
        link = null;
        senseSize = DEFAULT_SENSE_SIZE;
        cdbSize = DEFAULT_CDB_SIZE;
    }

    @Override
    public void serve(int index, VirtQueue queue) {
        if (index == CONTROL_QUEUE) {
            control(queue);
        } else if (index != EVENT_QUEUE) {
            requests(index, queue);
        }
    }

    private void requests(int index, VirtQueue queue) {
        for (DescriptorChain chain = queue.pop(); chain != null; chain = queue.pop()) {
            int cdb = cdbSize;
            int sense = senseSize;
            if (chain.readableBytes() < ScsiRequests.CDB_OFFSET + cdb
                    || chain.writableBytes() < ScsiRequests.SENSE_OFFSET + sense) {
                queue.fail("a request without room for its header or its response");
                return;
            }
            queue.push(chain, requests[index - FIRST_REQUEST_QUEUE].carryOut(chain, queue, cdb, sense));
            queue.flush();
        }
    }

    private void control(VirtQueue queue) {
        for (DescriptorChain chain = queue.pop(); chain != null; chain = queue.pop()) {
            int kind = chain.readableBytes() < Integer.BYTES ? -1 : (int) chain.readNumber(0, Integer.BYTES);
            boolean isQuery = kind == QUERY || kind == SUBSCRIBE;
            int answerSize = isQuery ? Integer.BYTES + 1 : 1;
            if (chain.writableBytes() < answerSize || kind == TASK_MANAGEMENT
                    && chain.readableBytes() < TASK_MANAGEMENT_SIZE || isQuery && chain.readableBytes() < QUERY_SIZE) {
                queue.fail("a control request that is too short");
                return;
            }
            for (int i = 0; i < answerSize - 1; i++) {
                chain.writeByte(i, 0);
            }
            chain.writeByte(answerSize - 1L, isQuery ? COMPLETE : kind == TASK_MANAGEMENT ? manage(chain) : REJECTED);
            queue.push(chain, answerSize);
            queue.flush();
        }
    }

    /** All commands that came before have ended when the answer comes: an abort finds none. */
    private int manage(DescriptorChain chain) {
        chain.read(0, control, 0, TASK_MANAGEMENT_SIZE);
        int function = control[Integer.BYTES] & 0xFF;
        ScsiTarget target = ScsiRequests.targetOf(targets, control, LUN_OFFSET);
        if (target.count() == 0) {
            return BAD_TARGET;
        }
        ScsiUnit unit = target.unit(ScsiRequests.unitOf(control, LUN_OFFSET));
        if (function != TARGET_RESET && unit == null) {
            return INCORRECT_UNIT;
        }
        if (function > LAST_FUNCTION || function == CLEAR_ACA) {
            return REJECTED;
        }
        endRequests();
        if (function == TARGET_RESET) {
            target.reset();
        } else if (function == UNIT_RESET) {
            unit.reset();
        }
        return COMPLETE;
    }

    private void endRequests() {
        DeviceLink current = link;
        for (int i = FIRST_REQUEST_QUEUE; current != null && i < queues(); i++) {
            int index = i;
            current.serve(index, queue -> requests(index, queue));
        }
    }

    @Override
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("sense size", senseSize);
        out.putInt("CDB size", cdbSize);
    }

    @Override
    public void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        senseSize = in.getInt("sense size", 0, MAX_SENSE_SIZE);
        cdbSize = in.getInt("CDB size", 0, ScsiRequests.MAX_CDB_SIZE);
    }
}
