package jkvm.bios.disk;

import java.util.List;
import jkvm.bios.BiosData;
import jkvm.bios.BiosRom;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Ports;
import jkvm.bios.Service;

/**
 * All that is between the power-on self test and INT 19h: counts the drives, copies the ROMs of devices below 1 MiB and
 * runs them, shows the boot menu, and lets ROMs connect their disks.
 */
public final class StartService implements Service {
    private static final int CLOCK_ADDRESS = 0x70;
    private static final int CLOCK_DATA = 0x71;
    /** The clock's memory: which kinds of drives are tried first and second, and which third. */
    private static final int FIRST_TWO = 0x3D;
    private static final int THIRD = 0x38;
    private static final int THIRD_SHIFT = 4;
    private static final int KIND_MASK = 0xF0;

    private static final int PARAGRAPH = 16;
    private static final int VIDEO_ROM = 0xC000;
    private static final int FIRST_ROM = 0xC800;
    private static final int ROMS_END = BiosRom.SEGMENT;
    private static final int ROM_ALIGNMENT = 2048 / PARAGRAPH;

    private final BootOptions options;
    private final Ports ports;

    /** The steps; their order is part of a saved state. */
    private enum Step {
        DISPLAY, DRIVES, NEXT_ROM, ROM_RETURNED, MENU, CONNECT
    }

    private static final Step[] STEPS = Step.values();

    /** @param ports where the clock is */
    public StartService(BootOptions options, Ports ports) {
        this.options = options;
        this.ports = ports;
    }

    @Override
    public Outcome call(Call call) {
        if (!call.isRepeated()) {
            next(call, Step.DISPLAY);
        }
        Outcome outcome;
        do {
            outcome = step(call);
        } while (outcome == null);
        return outcome;
    }

    private static Outcome next(Call call, Step step) {
        call.data().writeByte(DiskArea.STEP, step.ordinal());
        return null;
    }

    private Outcome step(Call call) {
        return switch (STEPS[call.data().readByte(DiskArea.STEP) % STEPS.length]) {
            case DISPLAY -> {
                next(call, Step.DRIVES);
                yield startDisplay(call);
            }
            case DRIVES -> {
                countDrives(call.data());
                call.data().writeWord(DiskArea.ROM_END, firstFree(call));
                yield next(call, Step.NEXT_ROM);
            }
            case NEXT_ROM -> nextRom(call);
            case ROM_RETURNED -> romReturned(call);
            case MENU -> {
                Outcome outcome = options.menu() ? BootMenu.step(call, options) : null;
                if (outcome == null) {
                    call.data().writeByte(DiskArea.INDEX, 0);
                    DiskTables.fill(call.data(), options.sequence(call.data()).drives());
                    yield next(call, Step.CONNECT);
                }
                yield outcome;
            }
            case CONNECT -> connect(call);
        };
    }

    /** The display's ROM is at C0000h, where programs look for it, and begins first: the boot menu needs a screen. */
    private Outcome startDisplay(Call call) {
        for (OptionRom rom : options.roms()) {
            byte[] image = RomImage.find(rom);
            if (RomImage.isDisplays(image)) {
                call.memory().physical().write((long) VIDEO_ROM * PARAGRAPH, image, 0, image.length);
                return GuestCalls.rom(call, VIDEO_ROM, RomHeader.ENTRY, rom.pciAddress());
            }
        }
        return null;
    }

    private void countDrives(BiosData data) {
        int order = clockByte(FIRST_TWO) | (clockByte(THIRD) & KIND_MASK) << THIRD_SHIFT;
        data.writeWord(DiskArea.ORDER, order);
    }

    private int clockByte(int index) {
        ports.out(CLOCK_ADDRESS, index);
        return ports.in(CLOCK_DATA);
    }

    /** Where the display's ROM ends, if there is one. */
    private static int firstFree(Call call) {
        int size = RomHeader.paragraphs(call.memory(), VIDEO_ROM);
        return Math.max(FIRST_ROM, align(VIDEO_ROM + size));
    }

    private static int align(int paragraph) {
        return paragraph + ROM_ALIGNMENT - 1 & -ROM_ALIGNMENT;
    }

    private Outcome nextRom(Call call) {
        BiosData data = call.data();
        int index = data.readByte(DiskArea.INDEX);
        if (index >= options.roms().size()) {
            data.writeByte(DiskArea.INDEX, 0);
            return next(call, Step.MENU);
        }
        byte[] image = RomImage.find(options.roms().get(index));
        int segment = data.readWord(DiskArea.ROM_END);
        if (image.length == 0 || RomImage.isDisplays(image) || segment + image.length / PARAGRAPH > ROMS_END) {
            data.writeByte(DiskArea.INDEX, index + 1);
            return null;
        }
        call.memory().physical().write((long) segment * PARAGRAPH, image, 0, image.length);
        next(call, Step.ROM_RETURNED);
        return RomHeader.hasPlugAndPlay(call.memory(), segment)
                ? GuestCalls.rom(call, segment, RomHeader.ENTRY, options.roms().get(index).pciAddress()) : null;
    }

    /** A ROM may have become smaller, and have changed its name. */
    private Outcome romReturned(Call call) {
        BiosData data = call.data();
        int index = data.readByte(DiskArea.INDEX);
        int segment = data.readWord(DiskArea.ROM_END);
        if (index < options.roms().size() && RomHeader.paragraphs(call.memory(), segment) > 0) {
            RomHeader.entries(call.memory(), segment, options.roms().get(index).priority())
                    .forEach(entry -> RomEntries.add(data, entry));
            data.writeWord(DiskArea.ROM_END, align(segment + RomHeader.paragraphs(call.memory(), segment)));
        }
        data.writeByte(DiskArea.INDEX, index + 1);
        return next(call, Step.NEXT_ROM);
    }

    /** Lets the next ROM with a boot connection vector add its disks to those that INT 13h has. */
    private Outcome connect(Call call) {
        List<BootEntry.Rom> roms = options.sequence(call.data()).entries().stream()
                .filter(BootEntry.Rom.class::isInstance).map(BootEntry.Rom.class::cast)
                .filter(rom -> !rom.boots()).toList();
        int index = call.data().readByte(DiskArea.INDEX);
        if (index >= roms.size()) {
            return Outcome.DONE;
        }
        call.data().writeByte(DiskArea.INDEX, index + 1);
        return GuestCalls.rom(call, roms.get(index).segment(), roms.get(index).entry(), 0);
    }
}
