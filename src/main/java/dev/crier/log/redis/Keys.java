package dev.crier.log.redis;

/** The keys of the log in Redis. They share one hash tag, so that a cluster has all of them on one server. */
record Keys(String prefix) {

    /** A hash: the state of the log. */
    String log() {
        return key("log");
    }

    /** A stream of the last batches of all channels. */
    String recent() {
        return key("recent");
    }

    /** A hash: the channels, each with the newest id that it has lost to retention. */
    String channels() {
        return key("channels");
    }

    /** A hash: what was stored under each idempotency key. */
    String receipts() {
        return key("receipts");
    }

    /** A list: the events that the channel keeps. */
    String channel(String path) {
        return key("c:" + path);
    }

    private String key(String name) {
        return "{" + prefix + "}:" + name;
    }
}
