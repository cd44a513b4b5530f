/**
 * Changes of a running machine's disks: jobs that copy between the images of a chain or to another image, overlays, and
 * several changes of which all happen or none. QMP and the human monitor word them.
 *
 * <p>Crashes: each step leaves a chain that shows what the guest has written. A job first copies, then flushes the
 * copy, then changes which image names which, and only then the graph.
 */
package jkvm.control.block;
