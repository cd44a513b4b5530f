package jkvm.device.serial;

/** Registers of a 16550A and their bits. */
final class UartRegisters {
    static final int RBR_THR_DLL_OFFSET = 0;
    static final int IER_DLM_OFFSET = 1;
    static final int IIR_FCR_OFFSET = 2;
    static final int LCR_OFFSET = 3;
    static final int MCR_OFFSET = 4;
    static final int LSR_OFFSET = 5;
    static final int MSR_OFFSET = 6;
    static final int SCR_OFFSET = 7;

    static final int IER_RDA_BIT = 0x01;
    static final int IER_THRE_BIT = 0x02;
    static final int IER_RLS_BIT = 0x04;
    static final int IER_MODEM_BIT = 0x08;
    static final int IER_MASK = 0x0f;

    static final int IIR_MODEM = 0x00;
    static final int IIR_NONE = 0x01;
    static final int IIR_THRE = 0x02;
    static final int IIR_RDA = 0x04;
    static final int IIR_RLS = 0x06;
    static final int IIR_TIMEOUT = 0x0c;
    static final int IIR_FIFO_MASK = 0xc0;

    static final int FCR_ENABLE_BIT = 0x01;
    static final int FCR_CLEAR_RX_BIT = 0x02;
    static final int FCR_CLEAR_TX_BIT = 0x04;
    static final int FCR_TRIGGER_MASK = 0xc0;

    static final int LCR_WORD_LENGTH_MASK = 0x03;
    static final int LCR_STOP_BIT = 0x04;
    static final int LCR_PARITY_BIT = 0x08;
    static final int LCR_DLAB_BIT = 0x80;

    static final int MCR_DTR_BIT = 0x01;
    static final int MCR_RTS_BIT = 0x02;
    static final int MCR_OUT1_BIT = 0x04;
    static final int MCR_OUT2_BIT = 0x08;
    static final int MCR_LOOP_BIT = 0x10;
    static final int MCR_MASK = 0x1f;

    /** As a PC's firmware leaves it. */
    static final int DEFAULT_MCR = MCR_OUT2_BIT;

    static final int LSR_DR_BIT = 0x01;
    static final int LSR_OE_BIT = 0x02;
    static final int LSR_BI_BIT = 0x10;
    static final int LSR_THRE_BIT = 0x20;
    static final int LSR_TEMT_BIT = 0x40;
    static final int LSR_FIFO_ERROR_BIT = 0x80;
    static final int LSR_ERROR_MASK = 0x1e;

    static final int MSR_DELTA_MASK = 0x0f;
    static final int MSR_TERI_BIT = 0x04;
    static final int MSR_CTS_BIT = 0x10;
    static final int MSR_DSR_BIT = 0x20;
    static final int MSR_RI_BIT = 0x40;
    static final int MSR_DCD_BIT = 0x80;

    /** 9600 bit/s. */
    static final int DEFAULT_DIVISOR = 12;

    private UartRegisters() {
    }
}
