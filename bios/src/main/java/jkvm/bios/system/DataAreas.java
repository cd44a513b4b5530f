package jkvm.bios.system;

import java.util.List;
import jkvm.bios.BiosData;
import jkvm.tables.MemoryMap;
import jkvm.tables.PlatformDescription;
import jkvm.tables.PlatformDescription.SerialPort;

/** The BIOS data areas of a machine that has just begun. */
final class DataAreas {
    private static final int DATA_AREA = 0x400;
    private static final int DATA_AREA_SIZE = 0x100;
    private static final int KIB = 1024;
    private static final int FPU_BIT = 0x0002;
    private static final int MOUSE_BIT = 0x0004;
    private static final int COM_COUNT_SHIFT = 9;
    private static final int COM_TIMEOUT = 10;
    private static final int BUFFER_START = 0x1E;
    private static final int BUFFER_END = 0x3E;
    private static final int EIGHT_HEADS = 0xC0;
    private static final int ENHANCED_KEYBOARD_BIT = 0x10;
    private static final int TEXT_MODE = 3;
    private static final int TEXT_COLUMNS = 80;
    private static final int TEXT_ROWS = 25;

    private final BiosData data;
    private final PlatformDescription platform;

    DataAreas(BiosData data, PlatformDescription platform) {
        this.data = data;
        this.platform = platform;
    }

    void fill() {
        boolean isWarm = data.readWord(BiosData.RESET_FLAG) == BiosData.WARM_START;
        data.clear(DATA_AREA, DATA_AREA_SIZE);
        data.clear(BiosData.PRIVATE, BiosData.PRIVATE_END - BiosData.PRIVATE);
        int extendedSize = (int) (MemoryMap.CONVENTIONAL_END - BiosData.EXTENDED);
        data.clear(BiosData.EXTENDED, extendedSize);
        data.writeByte(BiosData.EXTENDED, extendedSize / KIB);
        data.writeWord(BiosData.EXTENDED_SEGMENT, BiosData.EXTENDED >>> 4);
        data.writeWord(BiosData.CONVENTIONAL_KIB, BiosData.EXTENDED / KIB);
        data.writeWord(BiosData.RESET_FLAG, isWarm ? BiosData.WARM_START : 0);
        equipment();
        keyboard();
        screen();
        data.writeByte(BiosData.DISK_CONTROL, EIGHT_HEADS);
    }

    private void equipment() {
        List<SerialPort> ports = platform.serialPorts();
        for (int i = 0; i < ports.size(); i++) {
            data.writeWord(BiosData.COM_PORTS + 2 * i, ports.get(i).port());
            data.writeByte(BiosData.COM_TIMEOUTS + i, COM_TIMEOUT);
        }
        int mouse = platform.keyboardController() ? MOUSE_BIT : 0;
        data.writeWord(BiosData.EQUIPMENT, FPU_BIT | mouse | ports.size() << COM_COUNT_SHIFT);
    }

    private void keyboard() {
        data.writeWord(BiosData.KEY_HEAD, BUFFER_START);
        data.writeWord(BiosData.KEY_TAIL, BUFFER_START);
        data.writeWord(BiosData.KEY_BUFFER_START, BUFFER_START);
        data.writeWord(BiosData.KEY_BUFFER_END, BUFFER_END);
        data.writeByte(BiosData.KEYBOARD_STATE, ENHANCED_KEYBOARD_BIT);
    }

    /** A terminal's; a display's ROM writes its own here. */
    private void screen() {
        data.writeByte(BiosData.VIDEO_MODE, TEXT_MODE);
        data.writeWord(BiosData.VIDEO_COLUMNS, TEXT_COLUMNS);
        data.writeByte(BiosData.VIDEO_LAST_ROW, TEXT_ROWS - 1);
    }
}
