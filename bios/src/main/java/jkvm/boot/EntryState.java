package jkvm.boot;

import jkvm.vm.Vcpu;

/** The state that a vCPU starts in. {@link #apply} sets registers only: tables that it points to are in memory already. */
public interface EntryState {

    /** Sets the registers of a vCPU that does not run. */
    void apply(Vcpu vcpu);
}
