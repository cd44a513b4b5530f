package jkvm.media;

import java.util.List;

/** The firmware that starts a medium. */
public enum Bios {
    /** Debian's SeaBIOS. */
    SEABIOS("-bios", "bios-256k.bin"),
    /** jkvm's own, which needs no option. */
    BUILT_IN;

    private final List<String> words;

    Bios(String... words) {
        this.words = List.of(words);
    }

    /** The words of the command line that ask for it. */
    public List<String> words() {
        if (this == SEABIOS) {
            MediaFolder.require("seabios", "/usr/share/seabios/bios-256k.bin");
        }
        return words;
    }
}
