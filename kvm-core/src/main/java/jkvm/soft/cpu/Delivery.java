package jkvm.soft.cpu;

/** Delivery of exceptions: none yet, each is a triple fault. */
final class Delivery {
    private Delivery() {
    }

    static void exception(Cpu cpu, int vector, int error, long payload) {
        cpu.exit = ExitCause.SHUTDOWN;
    }
}
