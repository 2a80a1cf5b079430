package dev.crier.bench;

import io.vertx.core.json.JsonObject;

/**
 * What the load client is to do.
 *
 * @param publishers how many connections publish
 * @param batch how many events a publication has
 * @param perSecond how many publications there are a second, over all connections; 0 if as many as it goes
 * @param behind how many events readers miss while they are cut off
 * @param warmUpSeconds how long all runs before it is measured
 * @param seconds how long it is measured
 */
record Task(
        Kind kind,
        int readers,
        int publishers,
        int batch,
        int perSecond,
        int behind,
        double warmUpSeconds,
        double seconds) {

    enum Kind {
        PACED,
        FLOOD,
        IDLE,
        RETAINED,
        CATCH_UP,
        START
    }

    static Task paced(int readers, int perSecond, double warmUpSeconds, double seconds) {
        return new Task(Kind.PACED, readers, 4, 1, perSecond, 0, warmUpSeconds, seconds);
    }

    static Task flood(int readers, int publishers, int batch, double warmUpSeconds, double seconds) {
        return new Task(Kind.FLOOD, readers, publishers, batch, 0, 0, warmUpSeconds, seconds);
    }

    static Task idle(int readers) {
        return new Task(Kind.IDLE, readers, 1, 1, 0, 0, 0, 0);
    }

    static Task retained(int readers) {
        return new Task(Kind.RETAINED, readers, 1, 1, 0, 0, 0, 0);
    }

    static Task catchUp(int readers, int behind) {
        return new Task(Kind.CATCH_UP, readers, 16, 1, 0, behind, 0, 0);
    }

    static Task start() {
        return new Task(Kind.START, 1, 0, 0, 0, 0, 0, 0);
    }

    JsonObject toJson() {
        return new JsonObject()
                .put("kind", kind.name())
                .put("readers", readers)
                .put("publishers", publishers)
                .put("batch", batch)
                .put("perSecond", perSecond)
                .put("behind", behind)
                .put("warmUpSeconds", warmUpSeconds)
                .put("seconds", seconds);
    }

    static Task of(JsonObject json) {
        return new Task(
                Kind.valueOf(json.getString("kind")),
                json.getInteger("readers"),
                json.getInteger("publishers"),
                json.getInteger("batch"),
                json.getInteger("perSecond"),
                json.getInteger("behind"),
                json.getDouble("warmUpSeconds"),
                json.getDouble("seconds"));
    }
}
