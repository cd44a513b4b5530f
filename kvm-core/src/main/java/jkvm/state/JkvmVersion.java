package jkvm.state;

/** The version of this jkvm, which its saved states carry. */
public final class JkvmVersion {
    public static final String NUMBER = "0.1.0";

    private JkvmVersion() {
    }
}
