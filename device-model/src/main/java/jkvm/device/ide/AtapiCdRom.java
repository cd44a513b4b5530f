package jkvm.device.ide;

import java.lang.foreign.MemorySegment;
import jkvm.device.ide.AtaCommand.Phase;
import jkvm.device.scsi.CdRom;
import jkvm.device.scsi.ScsiCommand;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** A CD-ROM drive on a cable: its registers and the packets by which it gets SCSI commands (ATA-6 section 9.8). */
public final class AtapiCdRom extends AtaUnit {
    private static final int STATE_VERSION = 1;
    static final int PACKET = 0xA0;
    static final int IDENTIFY_PACKET = 0xA1;
    static final int IDENTIFY = 0xEC;
    static final int SET_FEATURES = 0xEF;
    private static final int PACKET_SIZE = 12;
    private static final int SIGNATURE = 0xEB14;
    private static final int DMA_BIT = 0x01;
    private static final int OVERLAP_BIT = 0x02;
    /** In the count register: the bytes are a command's or its end, and they go to the host. */
    private static final int COMMAND_BIT = 0x01;
    private static final int TO_HOST_BIT = 0x02;
    private static final int REASON_MASK = 0x07;
    private static final int MAX_BYTE_COUNT = 0xFFFE;
    private static final int ALL_BYTES = 0xFFFF;

    private final CdRom drive;
    private final AtaIdentity identity;
    private final ScsiCommand packet = new ScsiCommand();
    private final AtaFeatures features = new AtaFeatures(true);
    private boolean usesDma;

    /** @param drive carries out the commands */
    public AtapiCdRom(String name, CdRom drive, AtaIdentity identity) {
        super(name);
        this.drive = drive;
        this.identity = identity;
    }

    @Override
    int signature() {
        return SIGNATURE;
    }

    @Override
    boolean takesPackets() {
        return true;
    }

    @Override
    void begin(int opcode) {
        switch (opcode) {
            case PACKET -> beginPacket();
            case IDENTIFY_PACKET -> {
                identity.putPacketDevice(command.data(), features);
                command.data(Phase.PIO_IN, 512);
            }
            case IDENTIFY, 0x20, 0x21 -> {
                file.signature(SIGNATURE);
                command.fail(TaskFile.ABRT);
            }
            case SET_FEATURES -> {
                if (!features.set(file.get(TaskFile.FEATURES), file.get(TaskFile.COUNT))) {
                    command.fail(TaskFile.ABRT);
                }
            }
            default -> {
                switch (AtaOperation.of(opcode).kind()) {
                    case CHECK_POWER -> file.set(TaskFile.COUNT, 0xFF);
                    case NOTHING, FLUSH -> { }
                    default -> command.fail(TaskFile.ABRT);
                }
            }
        }
    }

    private void beginPacket() {
        if ((file.get(TaskFile.FEATURES) & OVERLAP_BIT) != 0) {
            command.fail(TaskFile.ABRT);
            return;
        }
        usesDma = (file.get(TaskFile.FEATURES) & DMA_BIT) != 0;
        command.data(Phase.PIO_OUT, PACKET_SIZE);
    }

    @Override
    void presenting(int bytes) {
        if (command.opcode() != PACKET) {
            return;
        }
        if (command.phase() == Phase.PIO_OUT) {
            file.set(TaskFile.COUNT, file.get(TaskFile.COUNT) & ~REASON_MASK | COMMAND_BIT);
        } else {
            file.set(TaskFile.COUNT, file.get(TaskFile.COUNT) & ~REASON_MASK | TO_HOST_BIT);
            file.set(TaskFile.LBA_MID, bytes);
            file.set(TaskFile.LBA_HIGH, bytes >> Byte.SIZE);
        }
    }

    @Override
    void move(MemorySegment memory, long at, int length) {
        if (!command.isOfMedium()) {
            command.moveData(memory, at, length);
            command.moved(length);
            return;
        }
        if (packet.isEnded() || length > packet.left()) {
            command.fail(TaskFile.ABRT);
            return;
        }
        drive.move(packet, memory, at, length);
        if (packet.status() == ScsiCommand.GOOD) {
            command.moved(length);
        } else {
            fail();
        }
    }

    @Override
    void phaseOver() {
        if (command.opcode() != PACKET) {
            command.end();
        } else if (command.phase() == Phase.PIO_OUT) {
            packet.set(command.data(), 0, PACKET_SIZE);
            drive.begin(packet);
            answer();
        } else {
            command.end();
        }
    }

    private void answer() {
        if (packet.isEnded()) {
            if (packet.status() == ScsiCommand.GOOD) {
                command.end();
            } else {
                fail();
            }
            return;
        }
        int limit = file.get(TaskFile.LBA_HIGH) << Byte.SIZE | file.get(TaskFile.LBA_MID);
        if (usesDma) {
            command.medium(Phase.DMA_IN, 0, packet.length(), MAX_BYTE_COUNT);
        } else if (limit == 0) {
            packet.end(ScsiCommand.GOOD);
            command.fail(TaskFile.ABRT);
        } else {
            command.medium(Phase.PIO_IN, 0, packet.length(), blockOf(limit, packet.length()));
        }
    }

    /** All blocks but the last have an even number of bytes. */
    private static int blockOf(int limit, long bytes) {
        int most = limit == ALL_BYTES ? MAX_BYTE_COUNT : limit;
        return bytes <= most ? most : Math.max(2, most & ~1);
    }

    private void fail() {
        command.fail(drive.senseKey() << 4);
    }

    @Override
    void finish() {
        if (command.opcode() == PACKET) {
            file.set(TaskFile.COUNT, file.get(TaskFile.COUNT) & ~REASON_MASK | COMMAND_BIT | TO_HOST_BIT);
        }
    }

    @Override
    void cancel() {
        super.cancel();
        packet.end(ScsiCommand.GOOD);
    }

    @Override
    void resetUnit() {
        features.reset();
        drive.reset();
    }

    @Override
    void saveUnit(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putBoolean("dma", usesDma);
        drive.save(out);
        packet.save(out);
        features.save(out);
    }

    @Override
    void loadUnit(StateReader in) {
        in.getVersion(STATE_VERSION);
        usesDma = in.getBoolean("dma");
        drive.load(in);
        packet.load(in, drive.slot().changes());
        features.load(in);
    }
}
