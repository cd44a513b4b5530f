package jkvm.app.options;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import jkvm.device.board.UnitType;
import jkvm.device.ide.IdeType;
import jkvm.machine.config.DeviceConfig;

/** The places of drives on the two cables of a PC's IDE controller, as {@code -drive} hands them out. */
final class DrivePlaces {
    private static final int UNITS = 2;
    private static final int PLACES = 2 * UNITS;

    private final boolean hasController;
    private final Set<Integer> taken = new HashSet<>();

    /** @param hasController false for a machine without one */
    DrivePlaces(boolean hasController) {
        this.hasController = hasController;
    }

    /** The properties of a drive that say where it is to go. */
    record Wish(Optional<Long> index, Optional<Long> bus, Optional<Long> unit) {
        static Wish ofIndex(long index) {
            return new Wish(Optional.of(index), Optional.empty(), Optional.empty());
        }

        /** True if it says so in both manners. */
        boolean isTwice() {
            return index.isPresent() && (bus.isPresent() || unit.isPresent());
        }
    }

    /** The device at a place. */
    static DeviceConfig at(DeviceConfig device, int place) {
        return device.with(UnitType.BUS, "ide." + place / UNITS).with(IdeType.UNIT, place % UNITS);
    }

    /** The name of a drive there that has none. */
    static String nameOf(int place, boolean isCd) {
        return "ide%d-%s%d".formatted(place / UNITS, isCd ? "cd" : "hd", place % UNITS);
    }

    /**
     * Gives a drive the place that it wants, or the next one that is free.
     *
     * @param where its option, for messages
     */
    int take(String where, Wish wish) {
        int place = wish.index().map(Long::intValue).orElse(wish.bus().orElse(0L).intValue() * UNITS);
        if (wish.unit().isPresent()) {
            int unit = wish.unit().get().intValue();
            if (unit >= UNITS) {
                throw new UsageException(where + ": unit " + unit + " too big (max is " + (UNITS - 1) + ")");
            }
            place += unit;
        } else if (wish.index().isEmpty()) {
            while (taken.contains(place)) {
                place++;
            }
        }
        if (!taken.add(place)) {
            throw new UsageException(where + ": drive with bus=%d, unit=%d (index=%d) exists".formatted(place / UNITS,
                    place % UNITS, place));
        }
        if (!hasController || place >= PLACES) {
            throw new UsageException(where + ": machine type does not support if=ide,bus=%d,unit=%d".formatted(
                    place / UNITS, place % UNITS));
        }
        return place;
    }
}
