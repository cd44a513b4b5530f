package jkvm.host.chardev;

/** A link whose other side is there from the beginning and never comes a second time. */
abstract class StandingLink implements HostLink {
    private boolean asked;

    @Override
    public boolean isPresent() {
        return true;
    }

    @Override
    public boolean awaitPeer() {
        boolean first = !asked;
        asked = true;
        return first;
    }

    @Override
    public boolean leavesAtEndOfInput() {
        return false;
    }
}
