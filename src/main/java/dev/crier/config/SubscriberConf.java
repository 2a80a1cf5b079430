package dev.crier.config;

import dev.crier.config.file.Section;
import java.time.Duration;

/**
 * The resources of one subscriber.
 *
 * @param queueBytes the bytes queued in its connection above which nothing more is read from the log for it
 * @param stallTimeout the time after which a subscriber that accepts no byte is disconnected
 * @param maxLifetime the time after which its stream ends, so that it can reconnect to another server; zero for never
 */
public record SubscriberConf(int queueBytes, Duration stallTimeout, Duration maxLifetime) {

    static SubscriberConf read(Section section) {
        var conf = new SubscriberConf(
                section.integer("queueBytes", 64 << 10, 1 << 10, 64 << 20),
                section.duration("stallTimeout", Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofHours(1)),
                section.duration("maxLifetime", Duration.ZERO, Duration.ZERO, Duration.ofDays(365)));
        section.rejectUnknownKeys();
        return conf;
    }
}
