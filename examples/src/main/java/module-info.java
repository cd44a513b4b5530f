/** Lessons: one class with a main each. */
module jkvm.examples {
    requires jkvm.devices;
}
