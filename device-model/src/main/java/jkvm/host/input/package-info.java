/**
 * Keyboard and pointer as the user's side of a machine sees them. A front end (a VNC viewer, a window, a monitor's
 * command) opens an {@link jkvm.host.input.InputSource} of the machine's {@link jkvm.host.input.InputHub}; a device
 * registers a {@link jkvm.host.input.KeyboardSink} or a {@link jkvm.host.input.PointerSink} with it.
 *
 * <p>The hub keeps a bounded number of events for a guest that does not fetch them. A key or button whose press was
 * taken is also released, also where its front end goes away.
 */
package jkvm.host.input;
