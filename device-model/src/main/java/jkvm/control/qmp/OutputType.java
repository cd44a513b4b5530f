package jkvm.control.qmp;

import jkvm.json.Json;

/** The type of a value that a client gets. */
interface OutputType<T> {

    TypeShape shape();

    Json encode(T value);
}
