package jkvm.soft.cpu;

/** For tests: nothing around a processor. Port accesses and hypercalls exit, no MSR is known. */
public class EmptyHost implements CpuHost {
    @Override
    public int portIn(int port, int size) {
        return EXIT;
    }

    @Override
    public int portOut(int port, int size, long value) {
        return EXIT;
    }

    @Override
    public int portOutString(int port, int size, long value) {
        return EXIT;
    }

    @Override
    public int portInString(int port, int size, long count, int toPageEnd) {
        return 0;
    }

    @Override
    public long stringInput(int index) {
        return 0;
    }

    @Override
    public int readMsr(int index) {
        return UNKNOWN;
    }

    @Override
    public int writeMsr(int index, long value) {
        return UNKNOWN;
    }

    @Override
    public boolean filtersMsrs() {
        return false;
    }

    @Override
    public long timeStamp() {
        return 0;
    }

    @Override
    public long taskPriority() {
        return 0;
    }

    @Override
    public int taskPriority(long value) {
        return DONE;
    }

    @Override
    public int hypercall() {
        return EXIT;
    }

    @Override
    public void interruptWindowOpened() {
        // Nothing is pending.
    }
}
