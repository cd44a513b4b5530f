package jkvm.host.image;

import java.util.Optional;

/**
 * The nodes of which a block node is put together.
 *
 * @param isFile  true for a node that is a file, or what a server has, without a format
 * @param file    the name of the node that has its file; empty where it has a file of its own
 * @param backing the name of the node below it; empty where the description says what is below
 */
public record NodeParts(boolean isFile, Optional<String> file, Optional<String> backing) {
    /** Of a disk that has all by itself. */
    public static final NodeParts OWN = new NodeParts(false, Optional.empty(), Optional.empty());
    /** Of a file. */
    public static final NodeParts FILE = new NodeParts(true, Optional.empty(), Optional.empty());
}
