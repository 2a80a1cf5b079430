package dev.crier;

import dev.crier.config.Conf;
import java.security.SecureRandom;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Generates a token for publishing that is valid until the process ends, so that publishing is never open by accident. */
final class GeneratedToken {

    private static final int BYTES = 24;

    private static final Logger LOG = LoggerFactory.getLogger(GeneratedToken.class);

    private GeneratedToken() {}

    /** Adds and logs a token if a channel accepts publications over HTTP and the configuration has neither tokens nor keys. */
    static Conf addTo(Conf conf) {
        boolean isConfigured = !conf.publish().tokens().isEmpty() || conf.jwt().isOn();
        if (isConfigured || !conf.channels().anyAcceptsPublications()) {
            return conf;
        }
        var random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        String token = Base64.getUrlEncoder().encodeToString(random);
        LOG.info(
                "Generated a publish token that is valid until Crier stops (set publish.tokens to use your own): {}",
                token);
        return conf.withPublish(conf.publish().with(token));
    }
}
