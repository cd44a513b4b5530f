package jkvm.device.e1000;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import jkvm.bus.AccessWatch;
import jkvm.bus.IoHandler;
import jkvm.bus.RegisterNames;
import org.junit.jupiter.api.Test;

/** The names of the registers, as a watch of the guest's accesses sees them. */
class E1000NamesTest {
    private final E1000Fixture fixture = new E1000Fixture();
    private final List<String> writes = new ArrayList<>();

    private final AccessWatch watch = (handler, owner, start) -> new IoHandler() {
        @Override
        public long read(long offset, int size) {
            return handler.read(offset, size);
        }

        @Override
        public void write(long offset, int size, long value) {
            RegisterNames names = handler.registerNames();
            writes.add(names.kind() + " " + owner + " " + names.at(offset) + " = " + value);
            handler.write(offset, size, value);
        }
    };

    @Test
    void shouldBeThoseOfTheManual() {
        fixture.pci.memory.watch(watch);

        fixture.write(RegisterMap.TDBAL_OFFSET + RegisterMap.RING_TAIL, 3);
        fixture.write(RegisterMap.RAL_OFFSET + 12, 7);
        fixture.write(RegisterMap.MTA_OFFSET + 4, 1);

        assertEquals(List.of("e1000 e1000 TDT = 3", "e1000 e1000 RAH1 = 7", "e1000 e1000 MTA+4 = 1"), writes);
    }

    @Test
    void shouldBeThoseOfThePortsToo() {
        fixture.pci.ports.watch(watch);

        fixture.pci.ports.dispatchWrite(E1000Fixture.BAR_1, 4, 8);

        assertEquals(List.of("e1000 e1000 IOADDR = 8"), writes);
    }
}
