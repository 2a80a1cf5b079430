package dev.crier.log.redis;

/**
 * A node that has joined the log over a link.
 *
 * @param epoch changes whenever the log breaks; scripts refuse another one
 */
record Session(RedisLink link, String epoch, Keys keys) {

    /** Returns the process of Redis, as the scripts check it. */
    String run() {
        return link.server().run();
    }
}
