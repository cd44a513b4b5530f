/**
 * The guest's screen, for those who show it. A display adapter is a {@link jkvm.host.display.Screen}; the
 * {@link jkvm.host.display.DisplayHub} renders it into one {@link jkvm.host.display.Picture} and tells each
 * {@link jkvm.host.display.Viewer} of the changes. In text modes a {@link jkvm.host.display.TextScreen} has the
 * characters.
 *
 * <p>Supported: one screen of any size, any number of viewers, at most 30 pictures a second and none while nobody
 * looks. Absent: pointers that an adapter draws, several screens. A hostile guest could change the size all the time,
 * or all of the picture: a viewer that does not keep up misses pictures, and slows nobody.
 */
package jkvm.host.display;
