/**
 * Guest memory as the VMM sees it. All access goes through {@link GuestMemory}, which checks every address
 * against the guest's regions: what a guest hands to a device is an address that it chose.
 */
package jkvm.memory;
