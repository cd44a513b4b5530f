/**
 * The lab: a machine with AMD SVM, emulated by QEMU without any virtualisation of the host's, over the host's own
 * files. A command that runs in it has a real {@code /dev/kvm}. {@link Lab} prepares and runs it.
 *
 * <p>The lab's Linux is Debian's, fetched through apt once and kept in the user's cache. The host's file tree is its
 * root (9p), so paths mean the same inside and outside. Apart from it are /dev, /dev/shm, /proc, /sys and /run (of
 * which only user, media and mount are the host's). Its 9p share knows files and folders: a socket, FIFO or device node
 * of the host's cannot be reached from inside. A change on the host to a file that the lab has read already is not
 * seen there before the next run; what the lab writes reaches the host within about a second.
 *
 * <p>Not for hostile commands: the job runs as root of the lab, with its user's rights on the host's files.
 */
package jkvm.app.lab;
