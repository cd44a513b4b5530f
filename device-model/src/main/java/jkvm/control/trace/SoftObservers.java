package jkvm.control.trace;

import java.util.List;
import jkvm.soft.observe.SoftObserver;

/** Several observers of one vCPU, called in their order. */
final class SoftObservers implements SoftObserver {
    private final SoftObserver[] observers;

    SoftObservers(List<SoftObserver> observers) {
        this.observers = observers.toArray(new SoftObserver[0]);
    }

    @Override
    public void pageWalked(long linear, Access access, int levels, long physical) {
        for (SoftObserver observer : observers) {
            observer.pageWalked(linear, access, levels, physical);
        }
    }

    @Override
    public void pageFaulted(long linear, Access access, int error) {
        for (SoftObserver observer : observers) {
            observer.pageFaulted(linear, access, error);
        }
    }

    @Override
    public void tlbFilled(long linear, Access access, long physical) {
        for (SoftObserver observer : observers) {
            observer.tlbFilled(linear, access, physical);
        }
    }

    @Override
    public void tlbFlushed() {
        for (SoftObserver observer : observers) {
            observer.tlbFlushed();
        }
    }

    @Override
    public void delivered(int vector, long returns, long handler) {
        for (SoftObserver observer : observers) {
            observer.delivered(vector, returns, handler);
        }
    }

    @Override
    public void executed(long linear, long instructions, boolean isUser) {
        for (SoftObserver observer : observers) {
            observer.executed(linear, instructions, isUser);
        }
    }
}
