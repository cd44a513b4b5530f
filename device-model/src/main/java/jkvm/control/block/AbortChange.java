package jkvm.control.block;

import jkvm.host.image.NodeException;

/** Lets the changes that were prepared before it be taken back: for tests of those. */
public final class AbortChange implements GraphChange {
    @Override
    public void prepare() {
        throw new NodeException("Transaction aborted using Abort action");
    }

    @Override
    public void commit() {
        throw new IllegalStateException("it is never prepared");
    }

    @Override
    public void abort() {
        throw new IllegalStateException("it is never prepared");
    }
}
