/**
 * The services of the built-in BIOS for the machine itself: power-on self test, timer, keyboard, memory, clock, serial
 * ports, PCI.
 */
package jkvm.bios.system;
