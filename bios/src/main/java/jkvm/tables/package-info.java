/** Tables that describe the machine to its guest: memory map, ACPI, MP table, SMBIOS. */
package jkvm.tables;
