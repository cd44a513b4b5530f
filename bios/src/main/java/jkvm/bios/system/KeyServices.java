package jkvm.bios.system;

import jkvm.bios.BiosData;
import jkvm.bios.BiosHost;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.ServiceTable;

/** INT 16h: takes keys from the buffer that INT 09h fills, and from the serial console where it is the keyboard. */
final class KeyServices {
    private static final int READ = 0x00;
    private static final int LOOK = 0x01;
    private static final int SHIFTS = 0x02;
    private static final int STORE = 0x05;
    private static final int FUNCTIONS = 0x09;
    private static final int KEYBOARD_ID = 0x0A;
    private static final int READ_ENHANCED = 0x10;
    private static final int LOOK_ENHANCED = 0x11;
    private static final int SHIFTS_ENHANCED = 0x12;

    /** AH=0Ah and AH=10h to 12h are there. */
    private static final int HAS_ID_AND_ENHANCED = 0x30;
    /** A keyboard of 101 or 102 keys with translation. */
    private static final int ID = 0x41AB;
    private static final int FULL = 1;
    private static final int STORED = 0;
    /** Of the second byte of shift flags, what AH=12h gives at the same places: the left keys and held locks. */
    private static final int SAME_MASK = 0x73;
    private static final int SYSTEM_REQUEST_BIT = 1 << 2;
    private static final int SYSTEM_REQUEST_SHIFT = 5;

    private final SerialKeys serial;

    KeyServices(BiosHost host) {
        serial = new SerialKeys(host);
    }

    ServiceTable addTo(ServiceTable table) {
        return table.with(Vectors.KEYS, READ, call -> read(call, false))
                .with(Vectors.KEYS, READ_ENHANCED, call -> read(call, true))
                .with(Vectors.KEYS, LOOK, call -> look(call, false))
                .with(Vectors.KEYS, LOOK_ENHANCED, call -> look(call, true))
                .with(Vectors.KEYS, SHIFTS, KeyServices::shifts)
                .with(Vectors.KEYS, SHIFTS_ENHANCED, KeyServices::enhancedShifts)
                .with(Vectors.KEYS, STORE, KeyServices::store)
                .with(Vectors.KEYS, FUNCTIONS, KeyServices::functions)
                .with(Vectors.KEYS, KEYBOARD_ID, KeyServices::id);
    }

    private Outcome read(Call call, boolean isEnhanced) {
        serial.fetch(call.data());
        if (KeyBuffer.isEmpty(call.data())) {
            return Outcome.AGAIN;
        }
        call.ax(key(call, isEnhanced));
        KeyBuffer.removeFirst(call.data());
        return Outcome.DONE;
    }

    /** The zero flag tells that there is none. */
    private Outcome look(Call call, boolean isEnhanced) {
        serial.fetch(call.data());
        boolean isEmpty = KeyBuffer.isEmpty(call.data());
        if (!isEmpty) {
            call.ax(key(call, isEnhanced));
        }
        call.zero(isEmpty);
        return Outcome.DONE;
    }

    private static int key(Call call, boolean isEnhanced) {
        int key = KeyBuffer.first(call.data());
        return isEnhanced ? key : KeyTable.withoutPrefix(key);
    }

    private static Outcome shifts(Call call) {
        call.al(call.data().readByte(BiosData.SHIFT_FLAGS));
        return Outcome.DONE;
    }

    private static Outcome enhancedShifts(Call call) {
        int second = call.data().readByte(BiosData.SHIFT_FLAGS_2);
        int right = call.data().readByte(BiosData.KEYBOARD_STATE)
                & (KeyboardInterrupt.RIGHT_CONTROL_BIT | KeyboardInterrupt.RIGHT_ALT_BIT);
        call.al(call.data().readByte(BiosData.SHIFT_FLAGS));
        call.ah(second & SAME_MASK | right | (second & SYSTEM_REQUEST_BIT) << SYSTEM_REQUEST_SHIFT);
        return Outcome.DONE;
    }

    private static Outcome store(Call call) {
        call.al(KeyBuffer.add(call.data(), call.cx()) ? STORED : FULL);
        return Outcome.DONE;
    }

    private static Outcome functions(Call call) {
        call.al(HAS_ID_AND_ENHANCED);
        return Outcome.DONE;
    }

    private static Outcome id(Call call) {
        call.bx(ID);
        return Outcome.DONE;
    }
}
