package dev.crier.bench.load;

import io.vertx.core.json.JsonObject;

/**
 * The work of the load client, and what it measures.
 *
 * @param following the channels that each subscriber follows
 * @param channels the number of channels of the family. Each gets an event before the subscribers connect; later events go to
 *     each in turn, except if each subscriber follows some of its own. 0 to publish to the one channel only
 * @param channelsEach the number of channels of the family that each subscriber follows, if its channels are its own or drawn
 * @param publishers the number of connections that publish
 * @param batch the number of events in a publication
 * @param perSecond the number of publications per second over all connections; 0 for as many as possible
 * @param missed the number of events that are published before the subscribers read them from the log
 * @param warmUpSeconds the time before the measurement
 * @param seconds the duration of the measurement
 */
public record Task(
        Kind kind,
        Following following,
        int channels,
        int channelsEach,
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
        /** Publishes once to each channel of the family, and measures the memory that Redis takes for a channel. */
        CHANNELS,
        /** Publishes live streams with a subscriber each: at the highest steady rate, or at full speed. */
        STREAMS,
        /** Reads a stream from its beginning. */
        REPLAY,
        /** Measures the commands that a program of the server sends to Redis. */
        COMMANDS,
        /** Measures the time until the first event after a start. Needs no load client. */
        START
    }

    public static Task paced(int subscribers, int perSecond, double warmUpSeconds, double seconds) {
        return new Task(Kind.PACED, Following.ONE, 0, 0, subscribers, 4, 1, perSecond, 0, warmUpSeconds, seconds);
    }

    public static Task flood(int subscribers, int publishers, int batch, double warmUpSeconds, double seconds) {
        return new Task(Kind.FLOOD, Following.ONE, 0, 0, subscribers, publishers, batch, 0, 0, warmUpSeconds, seconds);
    }

    public static Task idle(int subscribers) {
        return new Task(Kind.IDLE, Following.ONE, 0, 0, subscribers, 1, 1, 0, 0, 0, 0);
    }

    public static Task retained(int subscribers) {
        return new Task(Kind.RETAINED, Following.ONE, 0, 0, subscribers, 1, 1, 0, 0, 0, 0);
    }

    public static Task catchUp(int subscribers, int missed) {
        return new Task(Kind.CATCH_UP, Following.ONE, 0, 0, subscribers, 16, 1, 0, missed, 0, 0);
    }

    public static Task channels(int channels, int batch) {
        return new Task(Kind.CHANNELS, Following.ONE, channels, 0, 0, 16, batch, 0, 0, 0, 0);
    }

    /** @param perSecond the number of events per second of each stream, if the server holds that rate; 0 for full speed */
    public static Task streams(int streams, int perSecond, double warmUpSeconds, double seconds) {
        return new Task(Kind.STREAMS, Following.EACH, 0, 1, streams, streams, 1, perSecond, 0, warmUpSeconds, seconds);
    }

    /** @param events the number of events in the stream */
    public static Task replay(int events, double warmUpSeconds) {
        return new Task(Kind.REPLAY, Following.ONE, 0, 0, 1, 1, 1, 0, events, warmUpSeconds, 0);
    }

    public static Task commands(double warmUpSeconds, double seconds) {
        return new Task(Kind.COMMANDS, Following.ONE, 0, 0, 0, 0, 0, 0, 0, warmUpSeconds, seconds);
    }

    public static Task start() {
        return new Task(Kind.START, Following.ONE, 0, 0, 1, 0, 0, 0, 0, 0, 0);
    }

    /** Returns the same task with subscribers that each follow all of these channels, by their names. */
    public Task followingAll(int channels) {
        return following(Following.ALL, channels, channels);
    }

    /** Returns the same task with subscribers that each also follow this number of channels of their own. */
    public Task followingOwn(int each) {
        return following(Following.OWN, subscribers * each, each);
    }

    /** Returns the same task with subscribers that each follow some of the channels, drawn at random. */
    public Task followingDrawn(int each, int channels) {
        return following(Following.DRAWN, channels, each);
    }

    /** Returns the same task with subscribers that each follow the family of these channels as a whole. */
    public Task followingFamily(int channels) {
        return following(Following.FAMILY, channels, channels);
    }

    private Task following(Following following, int channels, int each) {
        return new Task(
                kind,
                following,
                channels,
                each,
                subscribers,
                publishers,
                batch,
                perSecond,
                missed,
                warmUpSeconds,
                seconds);
    }

    /** Returns the number of channels of the family to publish to, in turn; 0 to publish to the one channel. */
    int publishedChannels() {
        return following == Following.OWN ? 0 : channels;
    }

    public JsonObject toJson() {
        return new JsonObject()
                .put("kind", kind.name())
                .put("following", following.name())
                .put("channels", channels)
                .put("channelsEach", channelsEach)
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
                Following.valueOf(json.getString("following")),
                json.getInteger("channels"),
                json.getInteger("channelsEach"),
                json.getInteger("subscribers"),
                json.getInteger("publishers"),
                json.getInteger("batch"),
                json.getInteger("perSecond"),
                json.getInteger("missed"),
                json.getDouble("warmUpSeconds"),
                json.getDouble("seconds"));
    }
}
