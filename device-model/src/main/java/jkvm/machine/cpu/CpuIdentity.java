package jkvm.machine.cpu;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jkvm.abi.KvmCpuid2;
import jkvm.abi.KvmCpuidEntry2;

/** The vendor of a processor, twelve letters in EBX, EDX and ECX of the first basic and the first extended leaf. */
final class CpuIdentity {
    static final String AMD = "AuthenticAMD";
    static final int LETTERS = 12;

    private CpuIdentity() {
    }

    static String vendor(KvmCpuid2 cpuid) {
        KvmCpuidEntry2 entry = cpuid.find(0, 0);
        if (entry == null) {
            return "";
        }
        ByteBuffer letters = ByteBuffer.allocate(LETTERS).order(ByteOrder.LITTLE_ENDIAN).putInt(entry.ebx())
                .putInt(entry.edx()).putInt(entry.ecx());
        return new String(letters.array(), StandardCharsets.US_ASCII);
    }

    /** What leaves say which processor it is, the reverse of {@link CpuDefinition.Id#signature}. */
    static CpuDefinition.Id of(KvmCpuid2 cpuid) {
        int signature = new CpuidRegister(1, 0, CpuidRegister.Name.EAX).get(cpuid);
        int family = signature >>> 8 & 0xF;
        int model = signature >>> 4 & 0xF | signature >>> 12 & 0xF0;
        return new CpuDefinition.Id(vendor(cpuid), family == 0xF ? family + (signature >>> 20 & 0xFF) : family, model,
                signature & 0xF, new CpuidRegister(0, 0, CpuidRegister.Name.EAX).get(cpuid),
                new CpuidRegister(0x80000000, 0, CpuidRegister.Name.EAX).get(cpuid));
    }

    static void vendor(KvmCpuid2 cpuid, String vendor) {
        ByteBuffer letters = ByteBuffer.wrap(vendor.getBytes(StandardCharsets.US_ASCII)).order(ByteOrder.LITTLE_ENDIAN);
        for (int leaf : new int[] {0, 0x80000000}) {
            KvmCpuidEntry2 entry = cpuid.find(leaf, 0);
            if (entry != null) {
                entry.ebx(letters.getInt(0));
                entry.edx(letters.getInt(4));
                entry.ecx(letters.getInt(8));
            }
        }
    }
}
