package dev.crier.auth;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.NoSuchKeyIdException;
import io.vertx.ext.auth.User;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What JWTs (RFC 7519) grant, if they are believed. Any event loop may ask.
 *
 * <p>Vert.x's library checks the signature, the issuer and the audience. It takes unsigned tokens where it has no key, and
 * such without an end, and passes over {@code crit}: so this is seen to here.
 */
public final class Jwts {

    /** As many characters as a browser's cookie may have: to check a signature is work that anyone can ask for. */
    private static final int MAX_LENGTH = 4096;

    /** The algorithm that is quick to verify, because it needs one digest and no public-key arithmetic. */
    private static final String QUICK = "HS256";

    private static final String NONE = "none";
    private static final Set<String> ALGORITHMS = Set.of(QUICK, "RS256", "ES256", "EdDSA");
    private static final String CLAIM = "crier";

    private static final Decision ENDLESS = new Decision.Unknown("The token has no exp that says when it expires.");
    private static final Decision EXPIRED = new Decision.Unknown("The token has expired.");
    private static final Decision EARLY = new Decision.Unknown("The token is not valid yet.");

    private final Keys keys;
    private final Duration leeway;
    private final InstantSource clock;

    public Jwts(Keys keys, Duration leeway, InstantSource clock) {
        this.keys = keys;
        this.leeway = leeway;
        this.clock = clock;
    }

    /** Returns what the token grants on the channel; empty if its signature takes long to verify. */
    Optional<Decision> atOnce(String token, Permission right, ChannelName channel) {
        String algorithm;
        try {
            algorithm = algorithm(token);
        } catch (RuntimeException e) {
            algorithm = NONE;
        }
        return switch (algorithm) {
            case NONE -> Optional.of(Decision.UNKNOWN);
            case QUICK -> Optional.of(of(token, right, channel));
            default -> Optional.empty();
        };
    }

    /** Returns what the token grants on the channel, verified on another thread. */
    Future<Decision> check(
            String token, Permission right, ChannelName channel, Function<Supplier<Decision>, Decision> limit) {
        return keys.run(() -> limit.apply(() -> of(token, right, channel)));
    }

    /** Returns what the token grants on the channel. Thread-safe. */
    Decision of(String token, Permission right, ChannelName channel) {
        try {
            return algorithm(token).equals(NONE) ? Decision.UNKNOWN : verdict(token, claims(token), right, channel);
        } catch (NoSuchKeyIdException e) {
            keys.missed();
            return Decision.UNKNOWN;
        } catch (RuntimeException e) {
            return Decision.UNKNOWN; // no JSON, or not of the types that it should have: what anyone may send
        }
    }

    /** Returns the algorithm that a token claims, or {@link #NONE} if Crier does not verify such tokens. */
    private static String algorithm(String token) {
        if (token.length() > MAX_LENGTH) {
            return NONE;
        }
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3 || parts[2].isEmpty()) {
            return NONE;
        }
        var header = new JsonObject(Buffer.buffer(Base64.getUrlDecoder().decode(parts[0])));
        String algorithm = header.getString("alg");
        return ALGORITHMS.contains(algorithm) && !header.containsKey("crit") ? algorithm : NONE;
    }

    private JsonObject claims(String token) {
        JWTAuth verifier = keys.verifier().orElseThrow(() -> new NoSuchKeyIdException("any"));
        Future<User> user = verifier.authenticate(new TokenCredentials(token));
        if (user.cause() instanceof RuntimeException e) {
            throw e;
        }
        if (!user.succeeded()) {
            throw new IllegalArgumentException(user.cause());
        }
        return user.result().attributes().getJsonObject("accessToken");
    }

    private Decision verdict(String token, JsonObject claims, Permission right, ChannelName channel) {
        if (!(claims.getValue("exp") instanceof Number exp)) {
            return ENDLESS;
        }
        // as numbers that do not overflow: whole milliseconds for thousands of years
        double now = clock.millis();
        double left = exp.doubleValue() * 1000 + leeway.toMillis() - now;
        if (!(left >= 1)) {
            return EXPIRED;
        }
        if (claims.containsKey("nbf") && !(claims.getDouble("nbf") * 1000 - leeway.toMillis() <= now)) {
            return EARLY;
        }
        return grants(claims, right, channel)
                ? new Decision.Granted(Duration.ofMillis((long) left), signedPart(token))
                : new Decision.Lacking();
    }

    /** A signature can be spelled in several ways, and what it signs in one. */
    private static String signedPart(String token) {
        return token.substring(0, token.lastIndexOf('.'));
    }

    private static boolean grants(JsonObject claims, Permission right, ChannelName channel) {
        return claims.getValue(CLAIM) instanceof JsonObject granted
                && granted.getValue(right.claim()) instanceof JsonArray patterns
                && patterns.stream().anyMatch(pattern -> covers(pattern, channel));
    }

    private static boolean covers(Object pattern, ChannelName channel) {
        return pattern instanceof String path
                && ChannelName.isValid(path)
                && new ChannelPattern(new ChannelName(path)).matches(channel);
    }
}
