/** Shows the inside of the KVM in Java while a guest runs: see {@link jkvm.soft.observe.SoftObserver}. */
package jkvm.soft.observe;
