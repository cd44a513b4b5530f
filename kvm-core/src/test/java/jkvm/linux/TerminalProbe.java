package jkvm.linux;

/** A process for {@link TerminalTest}: makes its standard input raw, says so, and ends as it is told. */
final class TerminalProbe {
    private TerminalProbe() {
    }

    public static void main(String[] arguments) throws InterruptedException {
        Terminal terminal = Terminal.makeRaw(new Fd(new FfmSyscalls(), 0, "stdin"), false).orElseThrow();
        System.out.println("raw");
        switch (arguments[0]) {
            case "close" -> terminal.close();
            case "exit" -> System.exit(3);
            case "throw" -> throw new IllegalStateException("on purpose");
            default -> Thread.sleep(60_000);
        }
    }
}
