package jkvm.device.e1000;

import jkvm.bus.RegisterNames;

/** Offsets and bits of the registers in BAR 0, named as in the 8254x manual (section 13) without its chip prefix. */
final class RegisterMap {
    static final int CTRL_OFFSET = 0x0000;
    static final int CTRL_RST_BIT = 1 << 26;
    static final int CTRL_VME_BIT = 1 << 30;
    static final int CTRL_PHY_RST_BIT = 1 << 31;
    /** Full duplex, link up, two pins high, gigabit. */
    static final int DEFAULT_CTRL = 0x00140240;
    static final int STATUS_OFFSET = 0x0008;
    static final int STATUS_LU_BIT = 1 << 1;
    /** Full duplex at 1000 Mb/s; the rest as QEMU has it. */
    static final int DEFAULT_STATUS = 0x80080781;
    static final int EECD_OFFSET = 0x0010;
    static final int EERD_OFFSET = 0x0014;
    static final int CTRL_EXT_OFFSET = 0x0018;
    static final int MDIC_OFFSET = 0x0020;
    static final int FCAL_OFFSET = 0x0028;
    static final int FCAH_OFFSET = 0x002C;
    static final int FCT_OFFSET = 0x0030;
    static final int VET_OFFSET = 0x0038;
    static final int DEFAULT_VET = 0x8100;
    static final int ICR_OFFSET = 0x00C0;
    static final int ITR_OFFSET = 0x00C4;
    static final int ICS_OFFSET = 0x00C8;
    static final int IMS_OFFSET = 0x00D0;
    static final int IMC_OFFSET = 0x00D8;
    static final int RCTL_OFFSET = 0x0100;
    static final int RCTL_EN_BIT = 1 << 1;
    static final int RCTL_UPE_BIT = 1 << 3;
    static final int RCTL_MPE_BIT = 1 << 4;
    static final int RCTL_LPE_BIT = 1 << 5;
    static final int RCTL_LBM_SHIFT = 6;
    static final int RCTL_LBM_MAC = 1;
    static final int RCTL_LBM_PHY = 3;
    static final int RCTL_RDMTS_SHIFT = 8;
    static final int RCTL_MO_SHIFT = 12;
    static final int RCTL_BAM_BIT = 1 << 15;
    static final int RCTL_BSIZE_SHIFT = 16;
    static final int RCTL_VFE_BIT = 1 << 18;
    static final int RCTL_CFIEN_BIT = 1 << 19;
    static final int RCTL_CFI_BIT = 1 << 20;
    static final int RCTL_BSEX_BIT = 1 << 25;
    static final int RCTL_SECRC_BIT = 1 << 26;
    static final int FCTTV_OFFSET = 0x0170;
    static final int TXCW_OFFSET = 0x0178;
    static final int TCTL_OFFSET = 0x0400;
    static final int TCTL_EN_BIT = 1 << 1;
    static final int TCTL_PSP_BIT = 1 << 3;
    static final int TIPG_OFFSET = 0x0410;
    static final int AIT_OFFSET = 0x0458;
    static final int LEDCTL_OFFSET = 0x0E00;
    static final int DEFAULT_LEDCTL = 0x0602;
    static final int PBA_OFFSET = 0x1000;
    static final int DEFAULT_PBA = 0x00100030;
    static final int FCRTL_OFFSET = 0x2160;
    static final int FCRTH_OFFSET = 0x2168;
    static final int RDFH_OFFSET = 0x2410;
    static final int RDFPC_OFFSET = 0x2430;
    static final int RDBAL_OFFSET = 0x2800;
    static final int RDTR_OFFSET = 0x2820;
    static final int RDTR_FPD_BIT = 1 << 31;
    static final int RXDCTL_OFFSET = 0x2828;
    static final int RADV_OFFSET = 0x282C;
    static final int RSRPD_OFFSET = 0x2C00;
    static final int TXDMAC_OFFSET = 0x3000;
    static final int TDFH_OFFSET = 0x3410;
    static final int TDFPC_OFFSET = 0x3430;
    static final int TDBAL_OFFSET = 0x3800;
    static final int TIDV_OFFSET = 0x3820;
    static final int TXDCTL_OFFSET = 0x3828;
    static final int TADV_OFFSET = 0x382C;
    static final int TSPMT_OFFSET = 0x3830;
    static final int STATISTICS_OFFSET = 0x4000;
    static final int RXCSUM_OFFSET = 0x5000;
    static final int RXCSUM_PCSS_MASK = 0xFF;
    static final int RXCSUM_IPOFL_BIT = 1 << 8;
    static final int RXCSUM_TUOFL_BIT = 1 << 9;
    static final int MTA_OFFSET = 0x5200;
    static final int RAL_OFFSET = 0x5400;
    static final int RAH_AV_BIT = 1 << 31;
    static final int ADDRESSES = 16;
    static final int VFTA_OFFSET = 0x5600;
    /** Words of the multicast and of the VLAN table. */
    static final int TABLE_WORDS = 128;
    static final int WUC_OFFSET = 0x5800;
    static final int WUFC_OFFSET = 0x5808;
    static final int WUS_OFFSET = 0x5810;
    static final int MANC_OFFSET = 0x5820;
    static final int IPAV_OFFSET = 0x5838;
    static final int IP4AT_OFFSET = 0x5840;
    static final int IP6AT_OFFSET = 0x5880;
    static final int WUPL_OFFSET = 0x5900;
    static final int WUPM_OFFSET = 0x5A00;
    static final int FFLT_OFFSET = 0x5F00;
    static final int FFMT_OFFSET = 0x9000;
    static final int FFVT_OFFSET = 0x9800;

    /** A ring's registers lie at these distances from its BAL register. */
    static final int RING_BAL = 0x00;
    static final int RING_BAH = 0x04;
    static final int RING_LEN = 0x08;
    static final int RING_HEAD = 0x10;
    static final int RING_TAIL = 0x18;

    /** Interrupt causes: bits of ICR, ICS, IMS and IMC. */
    static final int TXDW_BIT = 1;
    static final int TXQE_BIT = 1 << 1;
    static final int LSC_BIT = 1 << 2;
    static final int RXDMT0_BIT = 1 << 4;
    static final int RXO_BIT = 1 << 6;
    static final int RXT0_BIT = 1 << 7;
    static final int MDAC_BIT = 1 << 9;
    static final int TXD_LOW_BIT = 1 << 15;
    static final int SRPD_BIT = 1 << 16;
    static final int CAUSES_MASK = 0x1FFFF;

    /** The kind of device in events. */
    static final String KIND = "e1000";

    private RegisterMap() {
    }

    /** The registers' names, without those of the statistics. */
    static RegisterNames names() {
        RegisterNames names = new RegisterNames(KIND).with(CTRL_OFFSET, "CTRL").with(STATUS_OFFSET, "STATUS")
                .with(EECD_OFFSET, "EECD").with(EERD_OFFSET, "EERD").with(CTRL_EXT_OFFSET, "CTRL_EXT")
                .with(MDIC_OFFSET, "MDIC").with(FCAL_OFFSET, "FCAL").with(FCAH_OFFSET, "FCAH").with(FCT_OFFSET, "FCT")
                .with(VET_OFFSET, "VET").with(ICR_OFFSET, "ICR").with(ITR_OFFSET, "ITR").with(ICS_OFFSET, "ICS")
                .with(IMS_OFFSET, "IMS").with(IMC_OFFSET, "IMC").with(RCTL_OFFSET, "RCTL").with(FCTTV_OFFSET, "FCTTV")
                .with(TXCW_OFFSET, "TXCW").with(TCTL_OFFSET, "TCTL").with(TIPG_OFFSET, "TIPG").with(AIT_OFFSET, "AIT")
                .with(LEDCTL_OFFSET, "LEDCTL").with(PBA_OFFSET, "PBA").with(FCRTL_OFFSET, "FCRTL")
                .with(FCRTH_OFFSET, "FCRTH").with(RDFH_OFFSET, "RDFH").with(RDFPC_OFFSET, "RDFPC")
                .with(RDBAL_OFFSET + RING_BAL, "RDBAL").with(RDBAL_OFFSET + RING_BAH, "RDBAH")
                .with(RDBAL_OFFSET + RING_LEN, "RDLEN").with(RDBAL_OFFSET + RING_HEAD, "RDH")
                .with(RDBAL_OFFSET + RING_TAIL, "RDT").with(RDTR_OFFSET, "RDTR").with(RXDCTL_OFFSET, "RXDCTL")
                .with(RADV_OFFSET, "RADV").with(RSRPD_OFFSET, "RSRPD").with(TXDMAC_OFFSET, "TXDMAC")
                .with(TDFH_OFFSET, "TDFH").with(TDFPC_OFFSET, "TDFPC").with(TDBAL_OFFSET + RING_BAL, "TDBAL")
                .with(TDBAL_OFFSET + RING_BAH, "TDBAH").with(TDBAL_OFFSET + RING_LEN, "TDLEN")
                .with(TDBAL_OFFSET + RING_HEAD, "TDH").with(TDBAL_OFFSET + RING_TAIL, "TDT").with(TIDV_OFFSET, "TIDV")
                .with(TXDCTL_OFFSET, "TXDCTL").with(TADV_OFFSET, "TADV").with(TSPMT_OFFSET, "TSPMT")
                .with(RXCSUM_OFFSET, "RXCSUM").with(MTA_OFFSET, "MTA").with(VFTA_OFFSET, "VFTA")
                .with(WUC_OFFSET, "WUC").with(WUFC_OFFSET, "WUFC").with(WUS_OFFSET, "WUS").with(MANC_OFFSET, "MANC")
                .with(IPAV_OFFSET, "IPAV").with(IP4AT_OFFSET, "IP4AT").with(IP6AT_OFFSET, "IP6AT")
                .with(WUPL_OFFSET, "WUPL").with(WUPM_OFFSET, "WUPM").with(FFLT_OFFSET, "FFLT")
                .with(FFMT_OFFSET, "FFMT").with(FFVT_OFFSET, "FFVT");
        for (int i = 0; i < ADDRESSES; i++) {
            names.with(RAL_OFFSET + 2L * i * Integer.BYTES, "RAL" + i)
                    .with(RAL_OFFSET + (2L * i + 1) * Integer.BYTES, "RAH" + i);
        }
        return names;
    }
}
