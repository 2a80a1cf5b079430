package dev.crier.log.redis;

/** The keys of the log that Crier itself uses. They have the same hash tag, so a cluster keeps all of them on one server. */
record Keys(String prefix) {

    /** A hash: the state of the log. */
    String log() {
        return key("log");
    }

    /** A stream: the recent batches of all channels. */
    String recent() {
        return key("recent");
    }

    /** A hash: for each channel, the newest id that it has lost to retention. */
    String channels() {
        return key("channels");
    }

    /** A hash: the receipt of each idempotency key. */
    String receipts() {
        return key("receipts");
    }

    /** A hash: for each node, when it has beaten last and the newest id that it has shown. */
    String nodes() {
        return key("nodes");
    }

    /** A list: the events that a channel keeps. */
    String channel(String path) {
        return key("c:" + path);
    }

    private String key(String name) {
        return "{" + prefix + "}:" + name;
    }
}
