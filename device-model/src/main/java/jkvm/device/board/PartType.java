package jkvm.device.board;

/** A value of {@code -device} that is no device: a part of another one, or of what is loaded before the start. */
public abstract non-sealed class PartType extends DeviceType {
    protected PartType(String name, Category category, String description) {
        super(name, category, description);
    }
}
