/**
 * A saved state, field by field with names: {@link StateWriter} and {@link StateReader}, both implemented by
 * {@link StateBuffer}. A state that does not fit is a {@link StateException}; it never does harm to who reads it.
 */
package jkvm.state;
