package dev.crier.config;

import dev.crier.config.file.Section;
import java.time.Duration;

/**
 * How Crier stops.
 *
 * @param drain over how long the streams are ended
 */
public record ShutdownConf(Duration drain) {

    static ShutdownConf read(Section section) {
        var conf = new ShutdownConf(
                section.duration("drain", Duration.ofSeconds(5), Duration.ZERO, Duration.ofMinutes(1)));
        section.end();
        return conf;
    }
}
