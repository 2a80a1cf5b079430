package dev.crier.auth;

import dev.crier.config.Conf;
import dev.crier.event.ChannelName;

/** Who may read and publish, by the token that one bears. For one event loop. */
public final class Rights {

    private final Tokens readers;
    private final Tokens publishers;

    public Rights(Conf conf) {
        readers = new Tokens(conf.read().tokens());
        publishers = new Tokens(conf.publish().tokens());
    }

    /** What the token lets one do on the channel. */
    public Verdict of(String token, Right right, ChannelName channel) {
        boolean reads = readers.contain(token);
        boolean publishes = publishers.contain(token);
        if (right == Right.READ ? reads : publishes) {
            return new Verdict.Granted(Verdict.FOR_EVER);
        }
        return reads || publishes ? new Verdict.Lacking() : new Verdict.Unknown("Crier does not know this token.");
    }
}
