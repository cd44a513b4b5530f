package jkvm.host.disk;

/** The errors of an image that a check repairs. */
public enum Repair {
    NOTHING, LEAKS, ALL
}
