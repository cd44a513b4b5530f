package jkvm.host.display;

/**
 * A part of a picture.
 *
 * @param x left edge, in pixels
 * @param y upper edge, in pixels
 */
public record Rectangle(int x, int y, int width, int height) {
}
