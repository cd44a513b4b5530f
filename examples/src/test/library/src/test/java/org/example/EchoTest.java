package org.example;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jkvm.control.guest.Guest;
import jkvm.junit.Boots;
import jkvm.junit.GuestTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@GuestTest
class EchoTest {
    private static final String ECHO = "ba fd03 ec a801 74f8 ba f803 ec ee 3c21 75ef e6f4";

    @Test
    @Boots(code = ECHO)
    void shouldEchoUntilTheExclamationMark(Guest guest) {
        guest.type("hello!");
        assertEquals(('!' << 1 | 1) & 0xFF, guest.awaitEnd().status() & 0xFF);
        assertEquals("hello!", guest.output());
    }

    /** The guest waits for an exclamation mark that does not come. */
    @Test
    @Timeout(1)
    @Boots(code = ECHO)
    void shouldFail(Guest guest) throws InterruptedException {
        guest.type("hello");
        guest.awaitOutput("hello");
        Thread.sleep(60_000);
    }
}
