package jkvm.control.hmp;

import java.util.Optional;

/** Starts and stops the machine's gdb server. Any thread may call but the machine's, a vCPU's and the server's own. */
public interface DebuggerSwitch {
    /** A server without a place of its own listens here. */
    String DEFAULT_DEVICE = "tcp::1234";

    /** Of a monitor that cannot steer the server, such as the debugger's own. */
    DebuggerSwitch NONE = new DebuggerSwitch() {
        @Override
        public Optional<String> start(String device) {
            return Optional.of("this monitor starts and stops no gdb server");
        }

        @Override
        public Optional<String> stop() {
            return start("");
        }
    };

    /**
     * Waits for a debugger from now on.
     *
     * @param device as {@code -gdb} takes it
     * @return why that cannot be, empty if it is done
     */
    Optional<String> start(String device);

    /**
     * Stops the server, if there is one. A debugger that is there loses its connection; its breakpoints go, and the
     * machine continues if it ran before the debugger came.
     *
     * @return why that cannot be, empty if it is done
     */
    Optional<String> stop();
}
