package jkvm.control.qmp;

import jkvm.json.Json;

/**
 * One document of a client's.
 *
 * @param id        echoed in the answer; null for none
 * @param isOob     to be acted on at once
 * @param command   its name; null with a refusal
 * @param arguments of the command
 * @param refusal   what is wrong with the document itself; null if nothing is
 * @param length    characters of the document
 */
record Request(Json id, boolean isOob, String command, Json arguments, QmpException refusal, int length) {

    static Request refused(Json id, String why, int length) {
        return new Request(id, false, null, Json.Members.empty(), new QmpException(why), length);
    }
}
