package dev.crier.auth;

import dev.crier.config.Conf;
import dev.crier.event.ChannelName;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

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

    /** Returns what the token grants on the channel; empty if {@link #check} must verify it. */
    public Optional<Verdict> atOnce(String token, Right right, ChannelName channel) {
        boolean reads = right == Right.READ;
        if ((reads ? readers : publishers).contain(token)) {
            return Optional.of(new Verdict.Granted(Verdict.FOR_EVER, token));
        }
        if ((reads ? publishers : readers).contain(token)) {
            return Optional.of(new Verdict.Lacking());
        }
        return jwts.isEmpty() ? Optional.of(Verdict.UNKNOWN) : jwts.get().atOnce(token, right, channel);
    }

    /**
     * Verifies the signature on another thread and returns what the token grants. Called if {@link #atOnce} is empty.
     *
     * @param limit called on that thread when it is the token's turn; verifies it, or returns {@link Verdict.Busy}
     */
    public Future<Verdict> check(
            String token, Right right, ChannelName channel, Function<Supplier<Verdict>, Verdict> limit) {
        return jwts.orElseThrow().check(token, right, channel, limit);
    }
}
