package jkvm.control.qmp;

/** A member of the objects that a client sends: of a command's arguments, or of an {@link InputObject}. */
record Argument<T>(String name, InputType<T> type, boolean isOptional) {

    TypeShape.Member shape() {
        return new TypeShape.Member(name, type.shape(), isOptional);
    }

    static <T> Argument<T> required(String name, InputType<T> type) {
        return new Argument<>(name, type, false);
    }

    static <T> Argument<T> optional(String name, InputType<T> type) {
        return new Argument<>(name, type, true);
    }
}
