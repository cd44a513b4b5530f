package jkvm.bus;

/** A wire that several devices drive: asserted while any of them asserts its {@link #input()}. */
public final class SharedIrqLine {
    private final IrqLine target;
    private int asserted;

    /** A wire with no inputs yet, which drives {@code target}. */
    public SharedIrqLine(IrqLine target) {
        this.target = target;
    }

    /** A new input for one device. */
    public IrqLine input() {
        return new Input();
    }

    private final class Input implements IrqLine {
        private boolean level;

        @Override
        public void set(boolean newLevel) {
            synchronized (SharedIrqLine.this) {
                if (level == newLevel) {
                    return;
                }
                level = newLevel;
                asserted += newLevel ? 1 : -1;
                target.set(asserted > 0);
            }
        }
    }
}
