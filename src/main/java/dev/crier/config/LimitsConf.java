package dev.crier.config;

import java.time.Duration;

/**
 * How much there may be of what strangers send and hold.
 *
 * @param connections in all; 0 for as many as the process may have files, less a reserve
 * @param subscribers in all
 * @param subscribersPerAddress from one client address
 * @param publicationsPerSecond events a second by one token; 0 for any number
 * @param urlBytes of a request line
 * @param headerBytes of the headers of a request
 * @param headTimeout how long a connection may be without a whole request
 * @param answerTimeout how long a client may take nothing of an answer
 */
public record LimitsConf(
        int connections,
        int subscribers,
        int subscribersPerAddress,
        int publicationsPerSecond,
        int urlBytes,
        int headerBytes,
        Duration headTimeout,
        Duration answerTimeout) {

    private static final int MANY = 10_000_000;

    static LimitsConf read(Section section) {
        var conf = new LimitsConf(
                section.integer("connections", 0, 0, MANY),
                section.integer("subscribers", 100_000, 1, MANY),
                section.integer("subscribersPerAddress", 1_000, 1, MANY),
                section.integer("publicationsPerSecond", 0, 0, MANY),
                section.integer("urlBytes", 4 << 10, 256, 1 << 20),
                section.integer("headerBytes", 8 << 10, 256, 1 << 20),
                section.duration("headTimeout", Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofHours(1)),
                section.duration("answerTimeout", Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofHours(1)));
        section.end();
        return conf;
    }
}
