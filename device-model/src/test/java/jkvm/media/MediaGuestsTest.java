package jkvm.media;

import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The guests that the media start. */
class MediaGuestsTest {

    @TestFactory
    Stream<DynamicTest> shouldBeWhatTheirSourcesMake() {
        return GuestImages.check("device-model", "src/test/guest/media", "src/test/resources/jkvm/media");
    }
}
