package jkvm.host.disk;

import java.nio.file.Path;

/**
 * A disk image as the user asks for it; nothing is opened yet.
 *
 * @param id      the drive's name on the command line, for messages
 * @param file    the image
 * @param options how it is opened
 */
public record DriveSpec(String id, Path file, ImageOptions options) {
}
