/** Shows the inside of the KVM in Java while a guest runs: see {@link SoftObserver}. */
package jkvm.soft.observe;
