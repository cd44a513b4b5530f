package jkvm.soft.mmu;

/** Told of each access to memory while data breakpoints are armed. Called on the vCPU's thread. */
public interface AccessWatch {
    /** The access is about to happen; it may still fault. */
    void accessed(long linear, int size, boolean write);
}
