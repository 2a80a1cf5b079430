package dev.crier.auth;

import dev.crier.config.Conf;
import dev.crier.event.ChannelName;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Who may read and publish, by the token that one bears. For one event loop. */
public final class TokenAuthorizer {

    private final Tokens readers;
    private final Tokens publishers;
    private final Optional<Jwts> jwts;

    /** @param jwts what other tokens grant, if any are believed */
    public TokenAuthorizer(Conf conf, Optional<Jwts> jwts) {
        readers = new Tokens(conf.read().tokens());
        this.jwts = jwts;
        publishers = new Tokens(conf.publish().tokens());
    }

    /** Returns what the token grants on the channel; empty if {@link #check} must verify it. */
    public Optional<Decision> atOnce(String token, Permission right, ChannelName channel) {
        boolean reads = right == Permission.READ;
        if ((reads ? readers : publishers).contain(token)) {
            return Optional.of(new Decision.Granted(Decision.FOR_EVER, token));
        }
        if ((reads ? publishers : readers).contain(token)) {
            return Optional.of(new Decision.Lacking());
        }
        return jwts.isEmpty() ? Optional.of(Decision.UNKNOWN) : jwts.get().atOnce(token, right, channel);
    }

    /**
     * Verifies the signature on another thread and returns what the token grants. Called if {@link #atOnce} is empty.
     *
     * @param limit called on that thread when it is the token's turn; verifies it, or returns {@link Decision.Busy}
     */
    public Future<Decision> check(
            String token, Permission right, ChannelName channel, Function<Supplier<Decision>, Decision> limit) {
        return jwts.orElseThrow().check(token, right, channel, limit);
    }
}
