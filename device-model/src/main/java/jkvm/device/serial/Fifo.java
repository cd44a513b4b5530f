package jkvm.device.serial;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * Sixteen bytes, first in first out. Its owner sees to it that nothing is put into a full one or taken from an empty
 * one.
 */
final class Fifo {
    static final int CAPACITY = 16;

    private final byte[] bytes = new byte[CAPACITY];
    private int head;
    private int count;

    int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    void put(int value) {
        bytes[(head + count++) % CAPACITY] = (byte) value;
    }

    byte peek() {
        return bytes[head];
    }

    int take() {
        int value = bytes[head] & 0xff;
        head = (head + 1) % CAPACITY;
        count--;
        return value;
    }

    void clear() {
        head = 0;
        count = 0;
    }

    void save(StateWriter out, String name) {
        byte[] content = new byte[count];
        for (int i = 0; i < count; i++) {
            content[i] = bytes[(head + i) % CAPACITY];
        }
        out.putInt(name + ".count", count);
        out.putBytes(name, content);
    }

    void load(StateReader in, String name) {
        int saved = in.getInt(name + ".count", 0, CAPACITY);
        byte[] content = in.getBytes(name, saved);
        clear();
        System.arraycopy(content, 0, bytes, 0, saved);
        count = saved;
    }
}
