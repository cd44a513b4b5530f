package jkvm.examples.course;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import jkvm.abi.KvmIoctl;
import jkvm.examples.LessonAccelerator;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;

/**
 * A run of a lesson that is watched: what it prints, and how often it makes each request to KVM.
 *
 * @param failure one line; empty if the lesson came to its end
 */
record Trial(String output, Map<Long, Integer> requestsByNumber, String failure) {
    private static final long PATIENCE_MILLIS = 20_000;

    /** Counts the requests on their path to KVM. */
    private record Counter(Syscalls real, Map<Long, Integer> counts) implements Syscalls {
        @Override
        public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
            if (number == SyscallNumber.IOCTL) {
                counts.merge(a1, 1, Integer::sum);
            }
            return real.call(number, a0, a1, a2, a3, a4, a5);
        }

        @Override
        public long installInterruptingSignal(int signal) {
            return real.installInterruptingSignal(signal);
        }
    }

    /** Runs the lesson with this process's standard output taken; a lesson that does not end is given up. */
    static Trial run(Lesson.Main lesson, String... arguments) {
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        Map<Long, Integer> counts = new ConcurrentHashMap<>();
        AtomicReference<String> failure =
                new AtomicReference<>("the lesson still runs after 20 seconds: which loop does not end?");
        PrintStream before = System.out;
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            Thread thread = Thread.ofPlatform().daemon().name("lesson").start(() -> ScopedValue
                    .where(LessonAccelerator.WATCH, real -> new Counter(real, counts))
                    .run(() -> failure.set(failureOf(lesson, arguments))));
            thread.join(PATIENCE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure.set("the check was interrupted");
        } finally {
            System.setOut(before);
        }
        return new Trial(captured.toString(StandardCharsets.UTF_8), counts, failure.get());
    }

    private static String failureOf(Lesson.Main lesson, String... arguments) {
        try {
            lesson.run(arguments);
            return "";
        } catch (Exception | Error e) {
            return "the lesson ends with " + description(e);
        }
    }

    /** One line: what it is, and which line of the lessons it comes from. */
    static String description(Throwable e) {
        String message = e.toString().lines().findFirst().orElse("").replaceFirst("^java\\.[a-z.]+\\.", "");
        return message + Stream.of(e.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith(LessonAccelerator.class.getPackageName() + ".Lesson"))
                .findFirst().map(frame -> " (%s:%d)".formatted(frame.getFileName(), frame.getLineNumber())).orElse("");
    }

    int requests(KvmIoctl request) {
        return requestsByNumber.getOrDefault(request.number(), 0);
    }
}
