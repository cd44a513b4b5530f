package jkvm.host.disk.luks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.NamedFiles;

/**
 * Adds passphrases to a header and erases them, with QEMU's options and words. The key of the data stays. A passphrase
 * that is added counts once its stripes are on the disk; one that is erased counts no more before they are overwritten.
 */
final class KeySlots {
    static final String STATE = "state", NEW_SECRET = "new-secret", OLD_SECRET = "old-secret", SLOT = "keyslot";
    /** In the order of their names. */
    static final List<CreateOption> OPTIONS = List.of(
            CreateOption.number(LuksCreator.TIME, "Time to spend in PBKDF in milliseconds"),
            CreateOption.number(SLOT, "Select a single keyslot to modify explicitly"),
            CreateOption.text(NEW_SECRET, "New secret to set in the matching keyslots. Empty string to erase"),
            CreateOption.text(OLD_SECRET, "Select all keyslots that match this password"),
            CreateOption.text(STATE, "Select new state of affected keyslots (active/inactive)"));

    private static final String ALL_LOST = " erase all the data in the image irreversibly - refusing operation";

    private final BlockFile file;
    private final LuksHeader header;
    private final CreateValues values;
    private final boolean force;
    private final NamedFiles files;

    /**
     * @param file  begins with the header
     * @param force whether the last passphrase may be erased, and one overwritten
     */
    KeySlots(BlockFile file, CreateValues values, boolean force, NamedFiles files) throws IOException {
        this.file = file;
        this.header = LuksHeader.read(file);
        this.values = values;
        this.force = force;
        this.files = files;
    }

    /** @param secret the id of a passphrase that opens the image */
    void change(String secret) throws IOException {
        String state = values.text(STATE).orElseThrow(() -> invalid("Parameter '" + STATE + "' is missing"));
        switch (state) {
            case "active" -> add(secret);
            case "inactive" -> erase();
            default -> throw invalid("Parameter '" + STATE + "' does not accept value '" + state + "'");
        }
    }

    private void add(String secret) throws IOException {
        if (!values.has(NEW_SECRET)) {
            throw invalid("'new-secret' is required to activate a keyslot");
        }
        if (values.has(OLD_SECRET)) {
            throw invalid("'old-secret' must not be given when activating keyslots");
        }
        byte[] passphrase = files.secret(values.text(NEW_SECRET).get());
        int slot = chosen().isPresent() ? chosen().get() : firstFree();
        if (header.slots().get(slot).active() && !force) {
            throw invalid("Refusing to overwrite active keyslot " + slot + " - please erase it first");
        }
        byte[] key = MasterKey.unlock(file, header, files.secret(secret));
        try {
            SecureRandom random = new SecureRandom();
            KeySlot filled = LuksCreator.slot(header.hash(), header.slots().get(slot), key.length, time(), random);
            MasterKey.store(file, header, filled, passphrase, key, random);
            file.flush();
            write(slot, filled);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private long time() throws IOException {
        return values.number(LuksCreator.TIME).orElse(LuksCreator.DEFAULT_MILLISECONDS);
    }

    private int firstFree() throws IOException {
        for (int i = 0; i < LuksHeader.SLOTS; i++) {
            if (!header.slots().get(i).active()) {
                return i;
            }
        }
        throw invalid("Can't add a keyslot - all keyslots are in use");
    }

    private Optional<Integer> chosen() throws IOException {
        OptionalLong number = values.number(SLOT);
        if (number.isEmpty()) {
            return Optional.empty();
        }
        if (number.getAsLong() < 0 || number.getAsLong() >= LuksHeader.SLOTS) {
            throw invalid("Invalid keyslot " + Integer.toUnsignedString((int) number.getAsLong())
                    + " specified, must be between 0 and " + (LuksHeader.SLOTS - 1));
        }
        return Optional.of((int) number.getAsLong());
    }

    private void erase() throws IOException {
        if (values.has(NEW_SECRET)) {
            throw invalid("'new-secret' must not be given when erasing keyslots");
        }
        if (values.has(LuksCreator.TIME)) {
            throw invalid("'iter-time' must not be given when erasing keyslots");
        }
        Optional<byte[]> old = values.has(OLD_SECRET)
                ? Optional.of(files.secret(values.text(OLD_SECRET).get())) : Optional.empty();
        if (chosen().isEmpty() && old.isEmpty()) {
            throw invalid("To erase keyslot(s), either explicit keyslot index or the password currently contained in"
                    + " them must be given");
        }
        List<Integer> slots = chosen().isPresent() ? List.of(one(chosen().get(), old)) : matching(old.orElseThrow());
        for (int slot : slots) {
            KeySlot before = header.slots().get(slot);
            write(slot, new KeySlot(false, 0, new byte[LuksHeader.SALT_LENGTH], before.keySector(), before.stripes()));
        }
        byte[] noise = new byte[(int) LuksHeader.keySectors(header.cipher()) * DiskImage.SECTOR_SIZE];
        for (int slot : slots) {
            new SecureRandom().nextBytes(noise);
            file.write(MasterKey.position(header.slots().get(slot)), MemorySegment.ofArray(noise));
        }
        file.flush();
    }

    private int one(int slot, Optional<byte[]> old) throws IOException {
        if (old.isPresent() && !MasterKey.fits(file, header, slot, old.get())) {
            throw invalid("Given keyslot " + slot + " doesn't contain the given old password for erase operation");
        }
        if (!force && !header.slots().get(slot).active()) {
            throw invalid("Given keyslot " + slot + " is already erased (inactive)");
        }
        if (!force && active() == 1) {
            throw invalid("Attempt to erase the only active keyslot " + slot + " which will" + ALL_LOST);
        }
        return slot;
    }

    private List<Integer> matching(byte[] old) throws IOException {
        List<Integer> slots = new ArrayList<>();
        for (int i = 0; i < LuksHeader.SLOTS; i++) {
            if (MasterKey.fits(file, header, i, old)) {
                slots.add(i);
            }
        }
        if (slots.isEmpty()) {
            throw invalid("No keyslots match given (old) password for erase operation");
        }
        if (!force && slots.size() == active()) {
            throw invalid("All the active keyslots match the (old) password that was given and erasing them will"
                    + ALL_LOST);
        }
        return slots;
    }

    private long active() {
        return header.slots().stream().filter(KeySlot::active).count();
    }

    private void write(int index, KeySlot slot) throws IOException {
        LuksHeader.read(file).withSlot(index, slot).write(file);
        file.flush();
    }

    private static ImageException invalid(String reason) {
        return new ImageException(Kind.INVALID_OPTION, reason);
    }
}
