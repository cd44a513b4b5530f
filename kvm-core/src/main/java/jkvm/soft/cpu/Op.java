package jkvm.soft.cpu;

/**
 * Operations, as the decoder names them. The groups are contiguous: the interpreter's loop executes the common ones
 * itself and hands each other group to the class that owns it.
 */
public final class Op {
    private Op() {
    }
}
