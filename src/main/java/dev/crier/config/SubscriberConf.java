package dev.crier.config;

import dev.crier.config.file.Section;
import java.time.Duration;

/**
 * What a reader may cost.
 *
 * @param queueBytes how much may wait in its connection before nothing more is read for it
 * @param stallTimeout after how long a reader that takes nothing is closed
 * @param maxLifetime after how long a stream is ended, so that its reader may come to another server; zero for never
 */
public record SubscriberConf(int queueBytes, Duration stallTimeout, Duration maxLifetime) {

    static SubscriberConf read(Section section) {
        var conf = new SubscriberConf(
                section.integer("queueBytes", 64 << 10, 1 << 10, 64 << 20),
                section.duration("stallTimeout", Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofHours(1)),
                section.duration("maxLifetime", Duration.ZERO, Duration.ZERO, Duration.ofDays(365)));
        section.end();
        return conf;
    }
}
