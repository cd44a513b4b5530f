package jkvm.soft.irqchip;

import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ProbeImageTest {

    @TestFactory
    Stream<DynamicTest> shouldMatchItsSource() {
        return GuestImages.check("kvm-core", "src/test/guest/irqchip", "src/test/resources/jkvm/soft/irqchip");
    }
}
