/**
 * Network backends as a user asks for them, by {@code -netdev}, {@code -nic} and {@code -object filter-dump}: {@link
 * jkvm.host.netdev.NetBackends} opens what a {@link jkvm.host.netdev.NetdevSpec} describes. Apart from {@link
 * jkvm.host.net} because it knows every kind of backend, and the user network ({@link jkvm.host.usernet}) is built on
 * that package.
 */
package jkvm.host.netdev;
