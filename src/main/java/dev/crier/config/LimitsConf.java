package dev.crier.config;

import dev.crier.config.file.Section;
import java.time.Duration;

/**
 * How much there may be of what strangers send and hold.
 *
 * @param connections in all; 0 for as many as the process may have files, less a reserve
 * @param subscribers in all
 * @param subscribersPerAddress from one client address
 * @param channels how many may exist; those that the configuration declares by their names are always accepted
 * @param publicationsPerSecond events a second by one token; 0 for any number
 * @param urlBytes of a request line
 * @param headerBytes of the headers of a request
 * @param queueBytes how many may wait in the connections of all subscribers; 0 for half of the direct memory
 * @param headTimeout how long a connection may be without a whole request
 * @param answerTimeout how long a client may take nothing of a response
 * @param refuse how a subscriber is refused
 */
public record LimitsConf(
        int connections,
        int subscribers,
        int subscribersPerAddress,
        int channels,
        int publicationsPerSecond,
        int urlBytes,
        int headerBytes,
        long queueBytes,
        Duration headTimeout,
        Duration answerTimeout,
        Refuse refuse) {

    /** Refuses a subscriber with a stream that ends and says when to reconnect, or with a status. */
    public enum Refuse {
        RETRY,
        STATUS
    }

    private static final int MANY = 10_000_000;
    private static final long MAX_QUEUE_BYTES = 1L << 40;

    static LimitsConf read(Section section) {
        var conf = new LimitsConf(
                section.integer("connections", 0, 0, MANY),
                section.integer("subscribers", 100_000, 1, MANY),
                section.integer("subscribersPerAddress", 1_000, 1, MANY),
                section.integer("channels", 100_000, 1, MANY),
                section.integer("publicationsPerSecond", 0, 0, MANY),
                section.integer("urlBytes", 4 << 10, 256, 1 << 20),
                section.integer("headerBytes", 8 << 10, 256, 1 << 20),
                section.bytes("queueBytes", 0, 0, MAX_QUEUE_BYTES),
                section.duration("headTimeout", Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofHours(1)),
                section.duration("answerTimeout", Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofHours(1)),
                section.parsed("refuse", Refuse.RETRY, LimitsConf::refuse, "\"retry\" or \"status\""));
        section.end();
        return conf;
    }

    private static Refuse refuse(String text) {
        return switch (text) {
            case "retry" -> Refuse.RETRY;
            case "status" -> Refuse.STATUS;
            default -> throw new IllegalArgumentException();
        };
    }
}
