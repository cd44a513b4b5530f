package jkvm.host.net;

import java.nio.file.Path;

/**
 * A capture as {@code -object filter-dump} asks for it.
 *
 * @param netdev    the id of the backend whose frames are written
 * @param maxLength bytes of each frame that are kept, from 1 on
 */
public record DumpSpec(String id, String netdev, Path file, int maxLength) {
}
