package jkvm.app.options;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import jkvm.device.board.UnitType;
import jkvm.device.ide.IdeType;
import jkvm.machine.config.DeviceConfig;

/** The places of drives on the cables of a PC's controllers, as {@code -drive} hands them out. */
final class DrivePlaces {
    private static final int IDE_UNITS = 2;

    private final Cables cables;
    private final boolean hasController;
    private final Set<Integer> taken = new HashSet<>();

    /** @param hasController false for a machine without one */
    DrivePlaces(Cables cables, boolean hasController) {
        this.cables = cables;
        this.hasController = hasController;
    }

    /** The cables of a controller. */
    enum Cables {
        IDE("ide", IDE_UNITS, 2 * IDE_UNITS),
        /** One cable; QEMU knows no limit of units for such buses. */
        FLOPPY("floppy", 256, 2);

        private final String text;
        private final int units;
        private final int places;

        Cables(String text, int units, int places) {
            this.text = text;
            this.units = units;
            this.places = places;
        }
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
        return device.with(UnitType.BUS, "ide." + place / IDE_UNITS).with(IdeType.UNIT, place % IDE_UNITS);
    }

    /** The name of a drive there that has none. */
    static String nameOf(int place, boolean isCd) {
        return "ide%d-%s%d".formatted(place / IDE_UNITS, isCd ? "cd" : "hd", place % IDE_UNITS);
    }

    /**
     * Gives a drive the place that it wants, or the next one that is free.
     *
     * @param where its option, for messages
     */
    int take(String where, Wish wish) {
        int place = wish.index().map(Long::intValue).orElse(wish.bus().orElse(0L).intValue() * cables.units);
        if (wish.unit().isPresent()) {
            int unit = wish.unit().get().intValue();
            if (unit >= cables.units) {
                throw new UsageException(where + ": unit " + unit + " too big (max is " + (cables.units - 1) + ")");
            }
            place += unit;
        } else if (wish.index().isEmpty()) {
            while (taken.contains(place)) {
                place++;
            }
        }
        if (!taken.add(place)) {
            throw new UsageException(where + ": drive with bus=%d, unit=%d (index=%d) exists".formatted(
                    place / cables.units, place % cables.units, place));
        }
        if (!hasController || place >= cables.places) {
            throw new UsageException(where + ": machine type does not support if=%s,bus=%d,unit=%d".formatted(
                    cables.text, place / cables.units, place % cables.units));
        }
        return place;
    }
}
