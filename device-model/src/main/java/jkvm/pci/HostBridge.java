package jkvm.pci;

/** Intel's 82441FX host bridge, 8086:1237. PAM and SMRAM registers only keep what is written. */
public final class HostBridge extends PciFunction {
    static final int PAM_0_OFFSET = 0x59;
    static final int PAM_COUNT = 7;
    static final int SMRAM_OFFSET = 0x72;

    private static final int DEVICE = 0x1237;
    private static final int REVISION = 2;
    private static final int CLASS = 0x060000;
    private static final int CONFIGURATION_OFFSET = 0x50;

    @SuppressWarnings("this-escape")
    public HostBridge() {
        super("i440fx", new PciIdentity(PciIdentity.INTEL, DEVICE, REVISION, CLASS));
        define(CONFIGURATION_OFFSET, 2, 0, 0xFFFF);
        for (int i = 0; i < PAM_COUNT; i++) {
            define(PAM_0_OFFSET + i, 1, 0, i == 0 ? 0x30 : 0x33);
        }
        define(SMRAM_OFFSET, 1, 0x02, 0x70);
    }
}
