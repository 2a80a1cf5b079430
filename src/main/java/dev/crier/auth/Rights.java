package dev.crier.auth;

import dev.crier.config.Conf;
import dev.crier.event.ChannelName;
import java.util.Optional;

/** Who may read and publish, by the token that one bears. For one event loop. */
public final class Rights {

    private final Tokens readers;
    private final Tokens publishers;
    private final Optional<Jwts> jwts;

    /** @param jwts what other tokens grant, if any are believed */
    public Rights(Conf conf, Optional<Jwts> jwts) {
        readers = new Tokens(conf.read().tokens());
        this.jwts = jwts;
        publishers = new Tokens(conf.publish().tokens());
    }

    /** What the token lets one do on the channel. */
    public Verdict of(String token, Right right, ChannelName channel) {
        boolean reads = right == Right.READ;
        if ((reads ? readers : publishers).contain(token)) {
            return new Verdict.Granted(Verdict.FOR_EVER, token);
        }
        return (reads ? publishers : readers).contain(token)
                ? new Verdict.Lacking()
                : jwts.map(believed -> believed.of(token, right, channel)).orElse(Verdict.UNKNOWN);
    }
}
