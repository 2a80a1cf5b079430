package dev.crier.config;

import dev.crier.config.file.Section;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Who may publish over HTTP, and how much.
 *
 * @param tokens any of them lets one publish
 * @param maxBytes of the data of one event
 * @param maxBatchBytes of the body of a batch
 * @param maxBatchEvents of one batch, which is parsed and stored in one piece while other publishers wait
 * @param idleTimeout in each such period, a kilobyte of a body must arrive, or its end
 * @param retryWindow for how long an Idempotency-Key makes a retry safe
 */
public record PublishConf(
        List<String> tokens,
        int maxBytes,
        int maxBatchBytes,
        int maxBatchEvents,
        Duration idleTimeout,
        Duration retryWindow) {

    /** From where a token is taken that is not to stand in a file. */
    static final String VARIABLE = "CRIER_PUBLISH_TOKEN";

    private static final int MAX_MAX_BYTES = 16 << 20;

    public PublishConf {
        tokens = List.copyOf(tokens);
    }

    static PublishConf read(Section section, String variable) {
        var conf = new PublishConf(
                StaticTokens.read(section, VARIABLE, variable),
                section.integer("maxBytes", 64 << 10, 1, MAX_MAX_BYTES),
                section.integer("maxBatchBytes", 1 << 20, 1, MAX_MAX_BYTES),
                section.integer("maxBatchEvents", 5_000, 1, 1_000_000),
                section.duration("idleTimeout", Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofHours(1)),
                section.duration(
                        "idempotencyWindow", Duration.ofMinutes(10), Duration.ofSeconds(1), Duration.ofDays(7)));
        section.end();
        return conf;
    }

    /** The same with one more. */
    public PublishConf with(String token) {
        var more = new ArrayList<>(tokens);
        more.add(token);
        return new PublishConf(more, maxBytes, maxBatchBytes, maxBatchEvents, idleTimeout, retryWindow);
    }

    /** Tokens are shown to nobody. */
    @Override
    public String toString() {
        return "PublishConf[" + tokens.size() + " tokens]";
    }
}
