package dev.crier.log.redis;

/**
 * A link over which this node has joined the log.
 *
 * @param epoch the epoch of the log when the node joined; the scripts reject requests of another epoch
 */
record Session(RedisLink link, String epoch, Keys keys) {

    /** Returns the id of the run, which the scripts check. */
    String run() {
        return link.server().run();
    }
}
