package jkvm.machine;

import java.nio.file.Path;
import jkvm.host.disk.ImageOptions;

/**
 * A disk image that a device uses.
 *
 * @param id      its name on the command line, for messages
 * @param file    the image
 * @param options how it is opened
 */
public record DriveConfig(String id, Path file, ImageOptions options) {
}
