/**
 * Tables that describe the machine to its guest: memory map (E820), ACPI, MP table, SMBIOS. They say what
 * {@link PlatformDescription} says and are written before the guest starts. Guests may overwrite them; the
 * host never reads them back.
 */
package jkvm.tables;
