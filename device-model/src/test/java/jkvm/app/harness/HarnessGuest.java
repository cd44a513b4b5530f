package jkvm.app.harness;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import jkvm.linux.Syscalls;

/** Images of the guests in src/test/guest/harness. */
public final class HarnessGuest {
    private HarnessGuest() {
    }

    /** The image of a source, named without its suffix. */
    public static byte[] image(String name) {
        try (InputStream in = HarnessGuest.class.getResourceAsStream("/jkvm/app/harness/" + name + ".bin")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a guest from the reset vector to its end. */
    static HarnessResult runReal(Syscalls kvm, HarnessCallbacks callbacks, String guest) {
        try (Harness harness = Harness.create(kvm, callbacks)) {
            harness.loadBoot(image(guest));
            harness.enterResetVector();
            return harness.run();
        }
    }

    /** Runs a guest in protected mode to its end. */
    static HarnessResult runProtected(Syscalls kvm, HarnessCallbacks callbacks, String guest) {
        try (Harness harness = Harness.create(kvm, callbacks)) {
            harness.loadPayload(image(guest));
            harness.enterProtectedMode();
            return harness.run();
        }
    }
}
