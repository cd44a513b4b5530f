package jkvm.examples;

import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class LessonGuestsTest {

    @TestFactory
    Stream<DynamicTest> shouldMatchTheirSources() {
        return GuestImages.check("examples", "src/main/guest", "src/main/resources/jkvm/examples");
    }
}
