package jkvm.bios.disk;

import jkvm.bios.BiosData;

/** Where the services of this package keep their state: see {@link BiosData}. All of it is zero at power-on. */
final class DiskArea {
    /** A word: which kinds of drives are tried, as the clock's memory had it at power-on. */
    static final int ORDER = BiosData.PRIVATE_DISKS;
    /** The entry that the user has chosen in the boot menu, from 1; 0 for none. */
    static final int CHOICE = ORDER + 0x02;
    /** The attempt to boot that is under way. */
    static final int ATTEMPT = ORDER + 0x03;
    /** Where the program of INT 19h, or of the time before it, is. */
    static final int STEP = ORDER + 0x04;
    /** A word: how many characters of a message have been shown. */
    static final int SHOWN = ORDER + 0x06;
    /** A double word: the tick at which a wait ends. */
    static final int DEADLINE = ORDER + 0x08;
    /** The ROM, or the entry, that is next. */
    static final int INDEX = ORDER + 0x0C;
    /** The next line of the boot menu. */
    static final int LINE = ORDER + 0x0D;
    /** A reason why a CD does not boot. */
    static final int PROBLEM = ORDER + 0x0E;
    /** A double word: a block of a CD. */
    static final int BLOCK = ORDER + 0x10;
    /** A word: the paragraph after the last ROM. */
    static final int ROM_END = ORDER + 0x14;
    /** Of {@link CdEmulation}. */
    static final int EMULATION = ORDER + 0x20;
    /** A byte for each CD drive: how often it was locked. */
    static final int LOCKS = ORDER + 0x30;
    /** Of {@link EddParameters#ataTable}. */
    static final int ATA_TABLE = ORDER + 0x40;
    /** How many entries the ROMs have. */
    static final int ROM_COUNT = ORDER + 0x50;
    /** The entries of ROMs: see {@link RomEntries}. */
    static final int ROM_ENTRIES = ORDER + 0x52;

    private DiskArea() {
    }
}
