package dev.crier.config;

import dev.crier.config.file.Section;
import java.time.Duration;

/**
 * The limits on everything that clients send or hold.
 *
 * @param connections the maximum number of connections; 0 for as many as open files and memory allow
 * @param subscribers the maximum number of subscribers
 * @param subscribersPerAddress the maximum number of subscribers of one client address
 * @param channelsPerSubscriber the maximum number of channels and families that one subscriber names
 * @param channels the maximum number of channels; those declared by their names are accepted even above it
 * @param publicationsPerSecond the maximum number of events per second and token; 0 for no limit
 * @param urlBytes the maximum size of a request line
 * @param headerBytes the maximum size of a request's headers
 * @param queueBytes the maximum number of bytes queued in all connections of subscribers; 0 for half of the direct memory
 * @param headTimeout the time within which a client must send a complete request head
 * @param answerTimeout the time after which a client that accepts no byte of a response is disconnected
 * @param refuse how Crier rejects a subscriber beyond a limit
 */
public record LimitsConf(
        int connections,
        int subscribers,
        int subscribersPerAddress,
        int channelsPerSubscriber,
        int channels,
        int publicationsPerSecond,
        int urlBytes,
        int headerBytes,
        long queueBytes,
        Duration headTimeout,
        Duration answerTimeout,
        Refuse refuse) {

    /** The response to a subscriber beyond a limit. */
    public enum Refuse {
        /** A stream that ends at once and has the time after which to reconnect. */
        RETRY,

        /** An error status. */
        STATUS
    }

    private static final int MAX_COUNT = 10_000_000;

    /** Their names take at most 8 MB in a request body, if all are as long as possible. */
    private static final int MAX_CHANNELS_PER_SUBSCRIBER = 10_000;

    private static final long MAX_QUEUE_BYTES = 1L << 40;

    static LimitsConf read(Section section) {
        var conf = new LimitsConf(
                section.integer("connections", 0, 0, MAX_COUNT),
                section.integer("subscribers", 100_000, 1, MAX_COUNT),
                section.integer("subscribersPerAddress", 1_000, 1, MAX_COUNT),
                section.integer("channelsPerSubscriber", 1_000, 1, MAX_CHANNELS_PER_SUBSCRIBER),
                section.integer("channels", 100_000, 1, MAX_COUNT),
                section.integer("publicationsPerSecond", 0, 0, MAX_COUNT),
                section.integer("urlBytes", 4 << 10, 256, 1 << 20),
                section.integer("headerBytes", 8 << 10, 256, 1 << 20),
                section.bytes("queueBytes", 0, 0, MAX_QUEUE_BYTES),
                section.duration("headTimeout", Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofHours(1)),
                section.duration("answerTimeout", Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofHours(1)),
                section.parsed("refuse", Refuse.RETRY, LimitsConf::refuse, "\"retry\" or \"status\""));
        section.rejectUnknownKeys();
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
