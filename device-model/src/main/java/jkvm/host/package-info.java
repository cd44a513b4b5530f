/**
 * The base of the exceptions that say why a host side cannot be opened. Each package below has its own with its facts;
 * the front end in use puts it into words that name its options.
 */
package jkvm.host;
