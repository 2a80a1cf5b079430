package dev.crier.config;

import dev.crier.config.file.Section;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Publishing over HTTP.
 *
 * @param tokens the bearer tokens, each of which allows publishing to all channels that accept publications
 * @param maxBytes the maximum size of an event's data
 * @param maxBatchBytes the maximum size of a batch's body
 * @param maxBatchEvents the maximum number of events of a batch; other publishers wait while a batch is parsed and stored
 * @param idleTimeout the time in which at least a kilobyte of a body, a line of a streamed body, or the end must arrive
 * @param idempotencyWindow the time for which a repeated Idempotency-Key does not publish again
 */
public record PublishConf(
        List<String> tokens,
        int maxBytes,
        int maxBatchBytes,
        int maxBatchEvents,
        Duration idleTimeout,
        Duration idempotencyWindow) {

    /** The environment variable for a token that must not be in a file. */
    private static final String TOKEN_VARIABLE = "CRIER_PUBLISH_TOKEN";

    private static final int MAX_BYTES = 16 << 20;

    public PublishConf {
        tokens = List.copyOf(tokens);
    }

    static PublishConf read(Section section) {
        var conf = new PublishConf(
                Conf.tokens(section, TOKEN_VARIABLE),
                section.integer("maxBytes", 64 << 10, 1, MAX_BYTES),
                section.integer("maxBatchBytes", 1 << 20, 1, MAX_BYTES),
                section.integer("maxBatchEvents", 5_000, 1, 100_000),
                section.duration("idleTimeout", Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofHours(1)),
                section.duration(
                        "idempotencyWindow", Duration.ofMinutes(10), Duration.ofSeconds(1), Duration.ofDays(7)));
        section.rejectUnknownKeys();
        return conf;
    }

    /** Returns this configuration with one more token. */
    public PublishConf with(String token) {
        var more = new ArrayList<>(tokens);
        more.add(token);
        return new PublishConf(more, maxBytes, maxBatchBytes, maxBatchEvents, idleTimeout, idempotencyWindow);
    }

    /** Leaves the tokens out, so that none gets into a log line. */
    @Override
    public String toString() {
        return "PublishConf[" + tokens.size() + " tokens]";
    }
}
