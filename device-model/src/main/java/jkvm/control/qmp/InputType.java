package jkvm.control.qmp;

import jkvm.json.Json;

/** The type of a value that a client sends. */
interface InputType<T> {

    TypeShape shape();

    /**
     * Takes a value.
     *
     * @param path the value's name in the command, for the error: {@code model.name}
     * @throws QmpException if it is of another type, or out of range
     */
    T decode(Json value, String path) throws QmpException;

    /** The error for a value of another type. */
    static QmpException mismatch(String path, String expected) {
        return new QmpException("Invalid parameter type for '" + path + "', expected: " + expected);
    }
}
