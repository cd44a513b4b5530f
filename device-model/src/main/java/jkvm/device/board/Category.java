package jkvm.device.board;

/** The groups of {@code -device help}, in its order, with QEMU's headings. */
public enum Category {
    USB("USB"),
    STORAGE("Storage"),
    NETWORK("Network"),
    INPUT("Input"),
    DISPLAY("Display"),
    MISC("Misc");

    private final String text;

    Category(String text) {
        this.text = text;
    }

    /** As the heading says it. */
    public String text() {
        return text;
    }
}
