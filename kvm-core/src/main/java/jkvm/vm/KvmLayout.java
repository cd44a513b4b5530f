package jkvm.vm;

/**
 * Guest physical addresses that KVM on Intel hosts takes for itself to run real mode (KVM API 4.36 and 4.40): four
 * pages in a row, below 4 GiB and the BIOS, away from RAM and APICs. A memory map reserves them.
 */
public final class KvmLayout {
    /** One page, for {@link Vm#setIdentityMapAddress}; the first of KVM's pages. */
    public static final long IDENTITY_MAP_ADDRESS = 0xFEFF_C000L;
    /** Three pages, for {@link Vm#setTssAddress}. */
    public static final long TSS_ADDRESS = 0xFEFF_D000L;
    /** First address after KVM's pages. */
    public static final long END = 0xFF00_0000L;

    private KvmLayout() {
    }
}
