/** Holds the order of the packages: {@link jkvm.architecture.Floors} is the table, the tests read compiled classes. */
package jkvm.architecture;
