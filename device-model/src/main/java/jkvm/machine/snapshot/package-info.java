/**
 * A machine at a moment: {@link MachineSnapshot} holds one section for each part of the machine, by its name, and the
 * guest's memory ({@link RamImage}). {@link jkvm.machine.Machine#save()} makes one, {@link
 * jkvm.machine.Machine#load} restores it, also in another machine of the same configuration.
 *
 * <p>In it: vCPUs with their local APICs, interrupt controllers and interval timer, kvmclock and time stamp counters,
 * the machine's clock, each device with what it has taken and not yet given, RAM. Where time is counted in instructions
 * also the count, when each worker and each chip's timer is due, and how far the seeded random numbers are, so that a
 * machine continues bit by bit as the one that was saved, but that kvmclock's structures in memory are written anew. By
 * the host's time, as in KVM, the interval timer's counter 0 begins its period anew too, a local APIC's timer loses
 * what is less than a tick of its divided clock, and random numbers are others.
 *
 * <p>{@link jkvm.machine.MachineSnapshots} keeps states in disks, together with what the disks hold then.
 *
 * <p>Not in it, as they are the host's: what disks hold (a state fits the disk as it was then, and only the disk's size
 * is checked), the firmware's ROM (the state has its checksum), and whatever is in flight outside. A resumed guest can
 * expect of these:
 * <ul>
 * <li>Bytes of a chardev: those that the device had taken and not yet given are in the state, each once. Those that the
 * host side had taken are gone to the host. Input that waits in the host side belongs to the machine that was saved.
 * <li>Frames: one that is half through a card is in the state. Frames that wait in a backend are lost, as on a wire.
 * <li>The user network begins anew: leases and addresses are the same, its TCP connections are closed. A
 * guest that continues one is answered with a reset, and connects again.
 * </ul>
 *
 * <h2>The format</h2>
 * One format for a file, a descriptor, a socket and a migration: {@link SnapshotWriter} writes it, {@link
 * SnapshotReader} reads it. It is jkvm's own: QEMU does not load it, nor does jkvm load QEMU's. Numbers are
 * little-endian. A text is its length in 16 bits and that many bytes of UTF-8. Checksums are CRC-32C.
 *
 * <p>It begins with 8 bytes of magic ({@code jkvm\r\n\x1A\n}), the format's version (32 bits, now 1), the length of the
 * text that follows (32 bits, at most 256), the version of the jkvm that wrote it, and the checksum of all that. Then
 * come records, each with a head of 16 bytes: type, length of what follows, the record's number (from 0 on: a record
 * that is lost, doubled or moved is found), checksum of the first 12 bytes and of what follows.
 *
 * <table>
 * <caption>Records</caption>
 * <tr><th>type</th><th>name</th><th>content</th><th>at most</th></tr>
 * <tr><td>1</td><td>configuration</td><td>32 bits: number of facts; each a text, its name, 16 bits, the number of its
 * values, and these as texts. The first record</td><td>1 MiB, 4096 facts</td></tr>
 * <tr><td>2</td><td>layout of RAM</td><td>32 bits: number of ranges; each 64 bits address, 64 bits length, ascending,
 * whole pages. Once, before all pages</td><td>64 ranges</td></tr>
 * <tr><td>3</td><td>pages</td><td>64 bits: address of the first, then pages of 4096 bytes. A later record of a page
 * wins; a page without a record is zero</td><td>256 pages</td></tr>
 * <tr><td>4</td><td>deflated pages</td><td>64 bits address, 32 bits number of pages, a raw deflate stream</td>
 * <td>256 pages</td></tr>
 * <tr><td>5</td><td>zero pages</td><td>64 bits address, 64 bits number</td><td>a range</td></tr>
 * <tr><td>6</td><td>section</td><td>the name of the part as a text, then its state as {@link jkvm.state.StateBuffer}
 * writes it, with a version of its own. No name twice</td><td>320 MiB; all of them 1 GiB</td></tr>
 * <tr><td>7</td><td>end</td><td>nothing. The state is whole</td><td></td></tr>
 * <tr><td>8</td><td>abort</td><td>the reason as a text. The writer gave up, and there is no state</td><td>64 KiB</td>
 * </tr>
 * <tr><td>9</td><td>RAM in place</td><td>64 bits: position in the file of the first byte of RAM, the next multiple of
 * 4096 after this record. All ranges of RAM follow there, one after the other, instead of records of pages</td>
 * <td>1 TiB</td></tr>
 * <tr><td>10</td><td>checksums of RAM</td><td>after RAM in place: 32 bits for each MiB of each range</td><td></td>
 * </tr>
 * </table>
 *
 * <p>{@link SnapshotFile} writes the second form, with RAM in place, and maps RAM from it privately: a guest goes on
 * before its RAM has been read. Pages of zeroes are holes in the file; a copy without holes is as good. Read from
 * start to end, out of a pipe, it is the same state. RAM of a stream is always verified before the state counts as
 * read. RAM that is mapped is not, as that would read it: {@link SnapshotFile#verify} does so on request. All else in a
 * file is always verified. A mapped file is not to be changed as long as a machine uses it; it may be deleted or
 * replaced by another one of its name.
 *
 * <h2>Versions</h2>
 * A newer jkvm reads what an older one has written; files that earlier versions wrote are kept among the tests. So:
 * a section that gets other fields gets a higher version and reads the lower ones; a record or a fact that is added is
 * left out where it says what was so before; names of facts, sections, fields, device types and properties stay. The
 * format's version rises when an old reader would misunderstand. A state of a newer version, of an unknown record or of
 * another program is refused by its name.
 *
 * <p>A state is not trusted: one that is truncated, damaged or of another machine is refused with a
 * {@link jkvm.state.StateException}, and the machine is as it was. One whose content makes no sense but is well formed
 * does what a guest could have done itself. Nothing in a state names a file that is opened, and no size in it takes
 * more memory than has arrived, or than the machine has RAM.
 */
package jkvm.machine.snapshot;
