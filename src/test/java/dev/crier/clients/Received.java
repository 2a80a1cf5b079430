package dev.crier.clients;

import io.vertx.core.json.JsonObject;

/**
 * An event as a client delivers it.
 *
 * @param client the number of the client within its process
 * @param type {@code message} for an event without a type
 * @param id the last event id that the client reports
 */
record Received(int client, String type, String data, String id) {

    static final String MESSAGE = "message";

    static Received of(String type, String data, String id) {
        return new Received(0, type == null || type.isEmpty() ? MESSAGE : type, data, id);
    }

    /** Converts the JSON object that a program of {@code src/test/clients} prints for each event. */
    static Received of(JsonObject json) {
        Received event = of(json.getString("type"), json.getString("data"), json.getString("id"));
        return new Received(json.getInteger("client", 0), event.type, event.data, event.id);
    }

    boolean isMessage() {
        return type.equals(MESSAGE);
    }
}
