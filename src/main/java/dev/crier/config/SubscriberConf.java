package dev.crier.config;

import java.time.Duration;

/**
 * What a reader may cost.
 *
 * @param queueBytes how much may wait in its connection before nothing more is read for it
 * @param stallTimeout after how long a reader that takes nothing is closed
 */
public record SubscriberConf(int queueBytes, Duration stallTimeout) {

    static SubscriberConf read(Section section) {
        var conf = new SubscriberConf(
                section.integer("queueBytes", 64 << 10, 1 << 10, 64 << 20),
                section.duration("stallTimeout", Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofHours(1)));
        section.end();
        return conf;
    }
}
