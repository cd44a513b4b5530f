package jkvm.app;

import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class TrainingGuestTest {

    @TestFactory
    Stream<DynamicTest> shouldBeWhatItsSourceMakes() {
        return GuestImages.check("device-model", "src/main/guest/training", "src/main/resources/jkvm/app");
    }
}
