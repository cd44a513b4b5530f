/**
 * Guest memory as the VMM sees it. All access goes through {@link GuestMemory}, which checks every address
 * against the guest's regions: a guest chooses the addresses that it hands to a device.
 */
package jkvm.memory;
