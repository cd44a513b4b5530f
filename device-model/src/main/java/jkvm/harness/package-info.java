/**
 * The classic user-space test harness of KVM: a VM without a device model, driven by callbacks. {@link
 * jkvm.harness.Harness} is the VM, {@link jkvm.harness.HarnessCallbacks} what the guest's accesses call.
 */
package jkvm.harness;
