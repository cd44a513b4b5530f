/**
 * A saved state, field by field with names: {@link StateWriter} and {@link StateReader}, both implemented by
 * {@link StateBuffer}. A state that does not fit throws {@link StateException} and never harms its reader.
 */
package jkvm.state;
