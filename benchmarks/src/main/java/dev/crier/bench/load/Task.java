package dev.crier.bench.load;

import io.vertx.core.json.JsonObject;

/**
 * The work of the load client, and what it measures.
 *
 * @param channels the number of channels of a family to publish to, in turn; 0 to publish to one channel
 * @param publishers the number of connections that publish
 * @param batch the number of events in a publication
 * @param perSecond the number of publications per second over all connections; 0 for as many as possible
 * @param missed the number of events that are published while the subscribers are disconnected
 * @param warmUpSeconds the time before the measurement
 * @param seconds the duration of the measurement
 */
public record Task(
        Kind kind,
        int channels,
        int subscribers,
        int publishers,
        int batch,
        int perSecond,
        int missed,
        double warmUpSeconds,
        double seconds) {

    public enum Kind {
        /** Publishes at a steady rate. */
        PACED,
        /** Publishes as fast as the server answers. */
        FLOOD,
        /** Measures the server's memory for subscribers that receive nothing. */
        IDLE,
        /** Measures the heap of a Java server for subscribers that receive nothing. */
        RETAINED,
        /** Disconnects all subscribers and measures the time until they have received what they missed. */
        CATCH_UP,
        /** Publishes once to each channel of a family, and measures the memory that Redis takes for a channel. */
        CHANNELS,
        /** Measures the commands that a program of the server sends to Redis. */
        COMMANDS,
        /** Measures the time until the first event after a start. Needs no load client. */
        START
    }

    public static Task paced(int subscribers, int perSecond, double warmUpSeconds, double seconds) {
        return new Task(Kind.PACED, 0, subscribers, 4, 1, perSecond, 0, warmUpSeconds, seconds);
    }

    public static Task flood(int subscribers, int publishers, int batch, double warmUpSeconds, double seconds) {
        return new Task(Kind.FLOOD, 0, subscribers, publishers, batch, 0, 0, warmUpSeconds, seconds);
    }

    public static Task idle(int subscribers) {
        return new Task(Kind.IDLE, 0, subscribers, 1, 1, 0, 0, 0, 0);
    }

    public static Task retained(int subscribers) {
        return new Task(Kind.RETAINED, 0, subscribers, 1, 1, 0, 0, 0, 0);
    }

    public static Task catchUp(int subscribers, int missed) {
        return new Task(Kind.CATCH_UP, 0, subscribers, 16, 1, 0, missed, 0, 0);
    }

    public static Task channels(int channels, int batch) {
        return new Task(Kind.CHANNELS, channels, 0, 16, batch, 0, 0, 0, 0);
    }

    public static Task commands(double warmUpSeconds, double seconds) {
        return new Task(Kind.COMMANDS, 0, 0, 0, 0, 0, 0, warmUpSeconds, seconds);
    }

    public static Task start() {
        return new Task(Kind.START, 0, 1, 0, 0, 0, 0, 0, 0);
    }

    public JsonObject toJson() {
        return new JsonObject()
                .put("kind", kind.name())
                .put("channels", channels)
                .put("subscribers", subscribers)
                .put("publishers", publishers)
                .put("batch", batch)
                .put("perSecond", perSecond)
                .put("missed", missed)
                .put("warmUpSeconds", warmUpSeconds)
                .put("seconds", seconds);
    }

    static Task of(JsonObject json) {
        return new Task(
                Kind.valueOf(json.getString("kind")),
                json.getInteger("channels"),
                json.getInteger("subscribers"),
                json.getInteger("publishers"),
                json.getInteger("batch"),
                json.getInteger("perSecond"),
                json.getInteger("missed"),
                json.getDouble("warmUpSeconds"),
                json.getDouble("seconds"));
    }
}
