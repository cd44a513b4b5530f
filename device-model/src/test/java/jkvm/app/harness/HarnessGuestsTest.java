package jkvm.app.harness;

import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class HarnessGuestsTest {

    @TestFactory
    Stream<DynamicTest> shouldMatchTheirSources() {
        return GuestImages.check("device-model", "src/test/guest/harness", "src/test/resources/jkvm/app/harness");
    }
}
