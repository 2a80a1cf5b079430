package dev.crier.auth;

import dev.crier.config.Conf;
import dev.crier.event.ChannelName;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Decides what a bearer token grants: a token of the configuration, or a JWT. Not thread-safe: each event loop has its own.
 */
public final class TokenAuthorizer {

    private final TokenSet readTokens;
    private final TokenSet publishTokens;
    private final Optional<JwtVerifier> jwts;

    /** @param jwts empty if no JWT is accepted */
    public TokenAuthorizer(Conf conf, Optional<JwtVerifier> jwts) {
        readTokens = new TokenSet(conf.read().tokens());
        publishTokens = new TokenSet(conf.publish().tokens());
        this.jwts = jwts;
    }

    /**
     * Decides at once. Returns nothing if the signature is slow to verify, and must be verified by {@link #verify}.
     *
     * @param channels at least one. The name of a family stands for all its channels
     */
    public Optional<Decision> decide(String token, Permission permission, List<ChannelName> channels) {
        boolean read = permission == Permission.READ;
        if ((read ? readTokens : publishTokens).contains(token)) {
            return Optional.of(new Decision.Granted(Decision.UNLIMITED, token));
        }
        if ((read ? publishTokens : readTokens).contains(token)) {
            return Optional.of(new Decision.Denied(channels.get(0)));
        }
        return jwts.isEmpty() ? Optional.of(Decision.UNKNOWN) : jwts.get().decide(token, permission, channels);
    }

    /**
     * Verifies the signature on a worker thread, and decides. Called if {@link #decide} returns nothing.
     *
     * @param limit called on the worker thread; calls its argument to verify the token, or returns {@link Decision.Busy}
     */
    public Future<Decision> verify(
            String token,
            Permission permission,
            List<ChannelName> channels,
            Function<Supplier<Decision>, Decision> limit) {
        return jwts.orElseThrow().verify(token, permission, channels, limit);
    }
}
