/** The parts that disks of all kinds share: how a PC's BIOS sees one in cylinders, heads and sectors. */
package jkvm.device.disk;
