package jkvm.bios.system;

import jkvm.bios.BiosData;

/** The ring of pressed keys in the BIOS data area, a word each. Its bounds and indexes are the guest's to change. */
final class KeyBuffer {
    private static final int SEGMENT_START = 0x400;

    private KeyBuffer() {
    }

    static boolean isEmpty(BiosData data) {
        return data.readWord(BiosData.KEY_HEAD) == data.readWord(BiosData.KEY_TAIL);
    }

    static boolean isFull(BiosData data) {
        return next(data, data.readWord(BiosData.KEY_TAIL)) == data.readWord(BiosData.KEY_HEAD);
    }

    /** The first key; it stays. */
    static int first(BiosData data) {
        return data.readWord(SEGMENT_START + data.readWord(BiosData.KEY_HEAD));
    }

    static void removeFirst(BiosData data) {
        data.writeWord(BiosData.KEY_HEAD, next(data, data.readWord(BiosData.KEY_HEAD)));
    }

    /** @return false if there is no room */
    static boolean add(BiosData data, int key) {
        if (isFull(data)) {
            return false;
        }
        int tail = data.readWord(BiosData.KEY_TAIL);
        data.writeWord(SEGMENT_START + tail, key);
        data.writeWord(BiosData.KEY_TAIL, next(data, tail));
        return true;
    }

    static void clear(BiosData data) {
        data.writeWord(BiosData.KEY_HEAD, data.readWord(BiosData.KEY_BUFFER_START));
        data.writeWord(BiosData.KEY_TAIL, data.readWord(BiosData.KEY_BUFFER_START));
    }

    private static int next(BiosData data, int offset) {
        int next = offset + Short.BYTES & 0xFFFF;
        return next >= data.readWord(BiosData.KEY_BUFFER_END) ? data.readWord(BiosData.KEY_BUFFER_START) : next;
    }
}
