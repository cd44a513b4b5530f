package jkvm.machine.cpu;

import java.util.Locale;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmCpuidEntry2;

/**
 * One register that CPUID answers.
 *
 * @param leaf    CPUID function (EAX)
 * @param subleaf CPUID index (ECX)
 */
record CpuidRegister(int leaf, int subleaf, Name name) {

    enum Name { EAX, EBX, ECX, EDX }

    /** Its value; zero where the leaf is not there. */
    int get(KvmCpuid2 cpuid) {
        KvmCpuidEntry2 entry = cpuid.find(leaf, subleaf);
        if (entry == null) {
            return 0;
        }
        return switch (name) {
            case EAX -> entry.eax();
            case EBX -> entry.ebx();
            case ECX -> entry.ecx();
            case EDX -> entry.edx();
        };
    }

    /** Changes it where the leaf is there. */
    void set(KvmCpuid2 cpuid, int value) {
        KvmCpuidEntry2 entry = cpuid.find(leaf, subleaf);
        if (entry == null) {
            return;
        }
        switch (name) {
            case EAX -> entry.eax(value);
            case EBX -> entry.ebx(value);
            case ECX -> entry.ecx(value);
            case EDX -> entry.edx(value);
        }
    }

    /**
     * Written out, as {@link #equals}: a record's own are put together when they are first used, which would take a
     * tenth of the time until a guest runs.
     */
    @Override
    public int hashCode() {
        return 31 * (31 * leaf + subleaf) + name.ordinal();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CpuidRegister that && leaf == that.leaf && subleaf == that.subleaf && name == that.name;
    }

    /** As QEMU writes it in messages: {@code CPUID.07H:EBX}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "CPUID.%02XH:%s", leaf, name);
    }
}
