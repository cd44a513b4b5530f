package jkvm.examples.course;

import java.util.List;

/**
 * One lesson of the course.
 *
 * @param title     a few words
 * @param type      its class
 * @param main      runs it: the first argument names the KVM, as {@code -accel} does
 * @param guest     the name of its guest's source, without suffix; empty for none
 * @param exercises three
 */
record Lesson(String title, Class<?> type, Main main, String guest, List<Exercise> exercises) {

    /** A lesson's {@code main}. */
    interface Main {
        void run(String[] arguments) throws Exception;
    }
}
