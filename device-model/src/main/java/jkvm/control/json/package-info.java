/**
 * JSON as the commands print it and as a monitor would speak it.
 */
package jkvm.control.json;
