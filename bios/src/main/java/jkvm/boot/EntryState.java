package jkvm.boot;

import jkvm.vm.Vcpu;

/** The state that a vCPU starts in. Registers only: tables that they point to are in memory already. */
public interface EntryState {

    /** Sets the registers of a vCPU that does not run. */
    void apply(Vcpu vcpu);
}
