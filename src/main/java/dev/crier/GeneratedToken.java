package dev.crier;

import dev.crier.config.Conf;
import java.security.SecureRandom;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A token to publish with, made for one run: nothing is open by accident. */
final class GeneratedToken {

    private static final int BYTES = 24;

    private static final Logger LOG = LoggerFactory.getLogger(GeneratedToken.class);

    private GeneratedToken() {}

    /** The conf, with such a token where no one could publish, though there is where to; only the log tells it, once. */
    static Conf in(Conf conf) {
        boolean someone = !conf.publish().tokens().isEmpty() || conf.jwt().isOn();
        if (someone || !conf.channels().takePublications()) {
            return conf;
        }
        var random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        String token = Base64.getUrlEncoder().encodeToString(random);
        LOG.info("Publishing takes this token, made for this run (publish.tokens sets others): {}", token);
        return conf.withPublish(conf.publish().with(token));
    }
}
