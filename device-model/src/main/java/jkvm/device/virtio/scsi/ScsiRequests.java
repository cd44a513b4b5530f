package jkvm.device.virtio.scsi;

import java.util.Arrays;
import jkvm.device.scsi.ScsiCommand;
import jkvm.device.scsi.ScsiCommand.Direction;
import jkvm.device.scsi.ScsiDevice;
import jkvm.device.scsi.ScsiTarget;
import jkvm.device.scsi.ScsiUnit;
import jkvm.device.virtio.queue.DescriptorChain;
import jkvm.device.virtio.queue.VirtQueue;

/** Carries out the commands of one request queue (virtio 1.2 section 5.6.6.1). For the queue's thread. */
final class ScsiRequests {
    static final int OK = 0;
    static final int OVERRUN = 1;
    static final int BAD_TARGET = 3;
    static final int LUN_SIZE = 8;
    /** Of the header, before the command descriptor block. */
    static final int CDB_OFFSET = 19;
    /** Of the response, before the sense data. */
    static final int SENSE_OFFSET = 12;
    static final int MAX_CDB_SIZE = 255;
    private static final int RESIDUAL_OFFSET = 4;
    private static final int STATUS_OFFSET = 10;
    private static final int RESPONSE_OFFSET = 11;
    private static final int SINGLE_LEVEL = 1;
    private static final int UNIT_MASK = ScsiTarget.MAX_UNITS - 1;
    private static final int MAX_SENSE = 64;
    /** The most bytes moved at once, so that a stop does not wait for long. */
    private static final int MAX_PIECE = 1 << 20;

    private final ScsiTarget[] targets;
    private final ScsiCommand command = new ScsiCommand();
    private final byte[] header = new byte[CDB_OFFSET + MAX_CDB_SIZE];
    private final byte[] response = new byte[SENSE_OFFSET];
    private final byte[] sense = new byte[MAX_SENSE];
    private int senseLength;
    /** Of the data, which begin after header and response. */
    private long outStart;
    private long inStart;

    ScsiRequests(ScsiTarget[] targets) {
        this.targets = targets;
    }

    /** The number of the unit that the eight bytes name, of the target that the second one is. */
    static int unitOf(byte[] lun, int at) {
        return ((lun[at + 2] & 0xFF) << 8 | lun[at + 3] & 0xFF) & UNIT_MASK;
    }

    /** The target that the eight bytes name; one without units if there is none. */
    static ScsiTarget targetOf(ScsiTarget[] targets, byte[] lun, int at) {
        return lun[at] == SINGLE_LEVEL ? targets[lun[at + 1] & 0xFF] : VirtioScsi.NO_UNITS;
    }

    /**
     * Does what a request asks for. The chain has room for header and response.
     *
     * @return the bytes written
     */
    long carryOut(DescriptorChain chain, VirtQueue queue, int cdbSize, int senseSize) {
        outStart = CDB_OFFSET + cdbSize;
        inStart = SENSE_OFFSET + senseSize;
        chain.read(0, header, 0, CDB_OFFSET + cdbSize);
        command.set(header, CDB_OFFSET, cdbSize);
        senseLength = 0;
        ScsiTarget target = targetOf(targets, header, 0);
        int outcome = target.count() == 0 ? BAD_TARGET : carryOut(target, chain, queue);
        boolean reads = command.direction() == Direction.IN || chain.readableBytes() == outStart;
        long room = reads ? chain.writableBytes() - inStart : chain.readableBytes() - outStart;
        long moved = outcome == OK ? command.done() : 0;
        respond(chain, outcome, room - moved, senseSize);
        return inStart + (reads ? moved : 0);
    }

    private int carryOut(ScsiTarget target, DescriptorChain chain, VirtQueue queue) {
        ScsiUnit unit = ScsiTarget.isReport(command) ? null : target.unit(unitOf(header, 0));
        if (unit == null) {
            senseLength = target.answer(command, sense);
            return move(null, chain, queue);
        }
        synchronized (unit) {
            unit.scsi().begin(command);
            int outcome = move(unit.scsi(), chain, queue);
            if (command.isEnded() && command.status() == ScsiCommand.CHECK_CONDITION) {
                senseLength = unit.scsi().takeSense(sense);
            }
            return outcome;
        }
    }

    /** @param device null if the target has answered */
    private int move(ScsiDevice device, DescriptorChain chain, VirtQueue queue) {
        boolean reads = command.direction() == Direction.IN;
        long start = reads ? inStart : outStart;
        long room = (reads ? chain.writableBytes() : chain.readableBytes()) - start;
        if (!command.isEnded() && command.length() > room) {
            return OVERRUN;
        }
        while (!command.isEnded() && !queue.isStopped()) {
            long at = start + command.done();
            long most = Math.min(command.left(), MAX_PIECE);
            long piece = reads ? chain.writable(at, most) : chain.readable(at, most);
            if (device == null) {
                command.moveData(chain.pieceMemory(), chain.pieceStart(), (int) piece);
            } else {
                device.move(command, chain.pieceMemory(), chain.pieceStart(), (int) piece);
            }
            if (reads) {
                chain.noteWritten(piece);
            }
        }
        return OK;
    }

    private void respond(DescriptorChain chain, int outcome, long residual, int senseSize) {
        Arrays.fill(response, (byte) 0);
        int told = Math.min(senseLength, senseSize);
        putNumber(0, told);
        putNumber(RESIDUAL_OFFSET, (int) Math.min(residual, Integer.MAX_VALUE));
        response[STATUS_OFFSET] = (byte) (outcome == OK ? command.status() : 0);
        response[RESPONSE_OFFSET] = (byte) outcome;
        chain.write(0, response, 0, SENSE_OFFSET);
        chain.write(SENSE_OFFSET, sense, 0, told);
    }

    private void putNumber(int at, int value) {
        for (int i = 0; i < Integer.BYTES; i++) {
            response[at + i] = (byte) (value >> 8 * i);
        }
    }
}
