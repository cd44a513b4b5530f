/**
 * The classic user-space test harness of KVM: a VM without a device model, driven by callbacks. {@link
 * Harness} is the VM, {@link HarnessCallbacks} what the guest's accesses call.
 */
package jkvm.app.harness;
