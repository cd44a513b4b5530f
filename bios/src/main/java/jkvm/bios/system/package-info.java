/**
 * The services of the built-in BIOS for the machine itself: power-on self test, timer, keyboard, mouse, memory, clock,
 * serial ports, PCI. By interrupt and function (AH, or AX):
 *
 * <ul>
 * <li>INT 08h supported: ticks, midnight, floppy motors' time, then INT 1Ch. INT 70h: the clock's alarm, to INT 4Ah.
 * <li>INT 09h supported: scan codes of set 1, shift keys and locks with their lights, characters by number, INT 15h,
 * AH=4Fh before, Ctrl-Break (INT 1Bh), Print Screen (INT 05h, which returns), Ctrl-Alt-Del. Partial: Pause stops
 * nothing, and the system request key gives no INT 15h, AH=85h.
 * <li>INT 11h, 12h supported.
 * <li>INT 14h supported: 00h to 03h. Absent: 04h, 05h. INT 17h: there is no printer, which each function says.
 * <li>INT 15h supported: 4Fh, 80h to 82h, 85h, 90h, 91h (for programs that catch them), 86h, 87h, 88h, C0h, C1h, E801h,
 * E820h (20 bytes an entry). Partial: 2400h to 2403h (the gate of A20 is open whatever its bit says), 83h (the flag is
 * set at a tick), C2h (packets of three or four bytes). Absent, with status 86h: 41h, 53h (APM), 84h, 89h, 8Ah, E881h,
 * all others.
 * <li>INT 16h supported: 00h to 02h, 05h, 09h, 0Ah, 10h to 12h. Absent: 03h, 04h.
 * <li>INT 1Ah supported: 00h to 07h; B101h to B103h, B108h to B10Dh for one bus. Absent: the PCI BIOS's services for
 * protected mode (EDI=0 says so), B106h, B10Eh, B10Fh, 08h and up.
 * </ul>
 *
 * <p>The power-on self test leaves tables and data areas as SeaBIOS 1.16.2 does where programs look at them; PCI
 * devices have their addresses and interrupts before it begins ({@code jkvm.device.pci.PciResources}). ACPI's root
 * pointer, the MP table and SMBIOS are in the F segment. Sources: IBM PS/2 and PC BIOS interface technical reference
 * (1991), PCI BIOS specification 2.1, ACPI 6.4 section 15.
 *
 * <p>A hostile guest: the data areas hold whatever it has written there. The keyboard buffer's indexes, handlers'
 * addresses, counts and deadlines are taken as they are where that harms only the guest, and bounded where a service
 * would go on for long.
 */
package jkvm.bios.system;
