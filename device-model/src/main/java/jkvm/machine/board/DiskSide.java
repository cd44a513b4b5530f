package jkvm.machine.board;

import jkvm.host.image.DiskRoot;

/**
 * A disk that a device of the machine has.
 *
 * @param name of the drive or block node
 */
public record DiskSide(String name, DiskRoot image) {
}
