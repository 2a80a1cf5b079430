package dev.crier.auth;

import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
import dev.crier.event.PatternTree;
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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Verifies JWTs (RFC 7519) and decides what they grant. Thread-safe.
 *
 * <p>The library of Vert.x checks the signature, the issuer and the audience. This class rejects what the library would
 * accept: unsigned tokens if there is no key, tokens without an expiry, and tokens with critical headers ({@code crit}).
 */
public final class JwtVerifier {

    /** The maximum length of a browser's cookie. Any client can cause a verification, and its cost grows with the length. */
    private static final int MAX_LENGTH = 4096;

    /** The algorithm that is fast to verify, because it needs one digest and no public-key arithmetic. */
    private static final String FAST = "HS256";

    private static final String UNSUPPORTED = "none";
    private static final Set<String> ALGORITHMS = Set.of(FAST, "RS256", "ES256", "EdDSA");
    private static final String CLAIM = "crier";

    private static final Decision WITHOUT_EXPIRY =
            new Decision.Invalid("The token has no exp that says when it expires.");
    private static final Decision EXPIRED = new Decision.Invalid("The token has expired.");
    private static final Decision NOT_YET_VALID = new Decision.Invalid("The token is not valid yet.");

    private final JwtKeys keys;
    private final Duration leeway;
    private final InstantSource clock;

    public JwtVerifier(JwtKeys keys, Duration leeway, InstantSource clock) {
        this.keys = keys;
        this.leeway = leeway;
        this.clock = clock;
    }

    /** Decides at once. Returns nothing if the signature is slow to verify. */
    Optional<Decision> decide(String token, Permission permission, List<ChannelName> channels) {
        String algorithm;
        try {
            algorithm = algorithm(token);
        } catch (RuntimeException e) {
            algorithm = UNSUPPORTED;
        }
        return switch (algorithm) {
            case UNSUPPORTED -> Optional.of(Decision.UNKNOWN);
            case FAST -> Optional.of(verifyNow(token, permission, channels));
            default -> Optional.empty();
        };
    }

    /** Verifies the signature on a worker thread, and decides. */
    Future<Decision> verify(
            String token,
            Permission permission,
            List<ChannelName> channels,
            Function<Supplier<Decision>, Decision> limit) {
        return keys.verify(() -> limit.apply(() -> verifyNow(token, permission, channels)));
    }

    /** Verifies the signature on this thread, and decides. */
    Decision verifyNow(String token, Permission permission, List<ChannelName> channels) {
        try {
            return algorithm(token).equals(UNSUPPORTED)
                    ? Decision.UNKNOWN
                    : decide(token, claims(token), permission, channels);
        } catch (NoSuchKeyIdException e) {
            keys.refreshForUnknownKey();
            return Decision.UNKNOWN;
        } catch (RuntimeException e) {
            return Decision.UNKNOWN; // malformed JSON, or claims of other types
        }
    }

    /** Returns the algorithm in the header of a token, or {@link #UNSUPPORTED} if Crier never accepts such a token. */
    private static String algorithm(String token) {
        if (token.length() > MAX_LENGTH) {
            return UNSUPPORTED;
        }
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3 || parts[2].isEmpty()) {
            return UNSUPPORTED;
        }
        var header = new JsonObject(Buffer.buffer(Base64.getUrlDecoder().decode(parts[0])));
        String algorithm = header.getString("alg");
        return ALGORITHMS.contains(algorithm) && !header.containsKey("crit") ? algorithm : UNSUPPORTED;
    }

    private JsonObject claims(String token) {
        JWTAuth verifier = keys.jwtAuth().orElseThrow(() -> new NoSuchKeyIdException("any"));
        Future<User> user = verifier.authenticate(new TokenCredentials(token));
        if (user.cause() instanceof RuntimeException e) {
            throw e;
        }
        if (!user.succeeded()) {
            throw new IllegalArgumentException(user.cause());
        }
        return user.result().attributes().getJsonObject("accessToken");
    }

    private Decision decide(String token, JsonObject claims, Permission permission, List<ChannelName> channels) {
        if (!(claims.getValue("exp") instanceof Number exp)) {
            return WITHOUT_EXPIRY;
        }
        // a double does not overflow, and is exact to the millisecond for thousands of years
        double now = clock.millis();
        double validity = exp.doubleValue() * 1000 + leeway.toMillis() - now;
        if (!(validity >= 1)) {
            return EXPIRED;
        }
        if (claims.containsKey("nbf") && !(claims.getDouble("nbf") * 1000 - leeway.toMillis() <= now)) {
            return NOT_YET_VALID;
        }
        return firstDenied(claims, permission, channels)
                .<Decision>map(Decision.Denied::new)
                .orElseGet(() -> new Decision.Granted(Duration.ofMillis((long) validity), signedPart(token)));
    }

    /** Returns the token without its signature, which may have several valid encodings. */
    private static String signedPart(String token) {
        return token.substring(0, token.lastIndexOf('.'));
    }

    private static Optional<ChannelName> firstDenied(
            JsonObject claims, Permission permission, List<ChannelName> channels) {
        PatternTree granted = granted(claims, permission);
        // Only a parameter of a granted pattern matches the parameter of a family, so the grant covers the whole
        // family.
        return channels.stream()
                .filter(channel -> granted.find(channel).isEmpty())
                .findFirst();
    }

    private static PatternTree granted(JsonObject claims, Permission permission) {
        var granted = new PatternTree();
        if (claims.getValue(CLAIM) instanceof JsonObject permissions) {
            for (String claim : permission.claims()) {
                if (permissions.getValue(claim) instanceof JsonArray patterns) {
                    add(patterns, granted);
                }
            }
        }
        return granted;
    }

    private static void add(JsonArray patterns, PatternTree granted) {
        for (Object pattern : patterns) {
            if (pattern instanceof String path && ChannelName.isValid(path)) {
                granted.add(new ChannelPattern(new ChannelName(path)));
            }
        }
    }
}
