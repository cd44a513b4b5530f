/**
 * A PCI bus with its configuration mechanism, and the functions that every machine with PCI has.
 *
 * <p>Emulated (PCI Local Bus Specification 3.0): configuration mechanism 1 ({@link PciConfigPorts}), one bus
 * of 32 devices with 8 functions each ({@link PciBus}), type 0 headers with BARs for I/O, for 32-bit and
 * 64-bit memory and for an expansion ROM ({@link ExpansionRom}), which are sized, moved and switched off
 * while the guest runs ({@link PciFunction}), the list of capabilities, INTx
 * ({@link PirqRouter}), MSI with masks for each vector ({@link Msi}) and MSI-X
 * ({@link Msix}). Of Intel's 440FX chipset the host bridge, the PIIX3 ISA bridge with its interrupt routing
 * and the PIIX4 power management function, whose block stays at port 0x600.
 *
 * <p>Not emulated: bridges to further buses, PCI Express, hot-plug, error reporting. The host bridge's PAM registers
 * act in a machine with firmware ({@link HostBridge.PamListener}); without, memory below 1 MiB is plain RAM.
 * Its SMRAM register keeps what is written to it and changes nothing. The APIC decides nothing by an interrupt line
 * register; it is the guest's notebook.
 *
 * <p>Where ranges overlap, RAM is seen before anything else (the processor never leaves the guest for it), then the
 * board's devices at fixed addresses, then BARs; of two BARs that overlap, the one that was mapped last. A BAR at
 * address 0, or one that would end at or past the end of its address space, as all do while they are sized, is not
 * mapped.
 *
 * <p>A hostile guest puts BARs over RAM, over fixed devices and over one another, moves them while other CPUs access
 * them, addresses functions that are not there (all ones), routes interrupts in circles, and writes where registers
 * are read-only. The state of a function is a fixed number of bytes and none of these adds to it.
 *
 * <p>Any thread may call. Each function has one lock, its monitor, which is held while interrupt lines, messages and
 * address spaces are called.
 */
package jkvm.device.pci;
