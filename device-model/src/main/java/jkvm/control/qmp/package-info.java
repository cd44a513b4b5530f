/**
 * QEMU's machine protocol: a program steers the machine by lines of JSON and hears of its events.
 * {@link jkvm.control.qmp.QmpServer} serves one client after the other over a chardev that goes on while the machine is
 * paused.
 *
 * <p>A command is declared once ({@code Declaration}): name, arguments, result. The declaration decodes and checks what
 * a client sends, encodes the answer, and is what {@code query-qmp-schema} tells.
 *
 * <p>Threads: a chardev's thread splits and checks the input, and acts on out-of-band commands; one worker acts on all
 * others in their order; the machine's thread hands events over. None of them waits for a client. A hostile client
 * meets bounds: a document has a length and a depth, few requests wait, and while it does not read the answers nothing
 * more of it is read; events that it does not take are dropped.
 */
package jkvm.control.qmp;
