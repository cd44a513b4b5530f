package jkvm.linux;

/** Holds another process where it is, as SIGSTOP does, and lets it go on. One that has ended is no error. */
public final class ProcessHold {
    private static final int SIGCONT = 18, SIGSTOP = 19;

    private ProcessHold() {
    }

    /** Stops a process: it starts no other one until it is released. */
    public static void hold(Syscalls syscalls, long processId) {
        send(syscalls, processId, SIGSTOP);
    }

    /** Lets a held process go on; a signal that has come for it meanwhile acts first. */
    public static void release(Syscalls syscalls, long processId) {
        send(syscalls, processId, SIGCONT);
    }

    private static void send(Syscalls syscalls, long processId, int signal) {
        syscalls.call(SyscallNumber.TGKILL, processId, processId, signal, 0, 0, 0);
    }
}
