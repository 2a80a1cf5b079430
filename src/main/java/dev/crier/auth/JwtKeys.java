package dev.crier.auth;

import dev.crier.config.JwtConf;
import dev.crier.config.file.ConfException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that verify JWTs: those of the configuration, and those of the JWK set. Reads the set at the start, after each
 * refresh period, and when a token names an unknown key. A set that cannot be read leaves the keys as they are.
 *
 * <p>All event loops share the keys. The set of keys is immutable and is replaced as a whole.
 */
public final class JwtKeys extends VerticleBase {

    /** The minimum time between a read of the set and one for a token with an unknown key, which any client can send. */
    static final long MIN_REFRESH_MILLIS = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(JwtKeys.class);

    private final JwtConf conf;
    private final LongSupplier nowMillis;
    private volatile Optional<JWTAuth> jwtAuth = Optional.empty();
    private VerificationQueue queue;
    private JwkSetReader reader;

    /** -1 for none, because 0 may be the id of another timer. */
    private long refreshTimer = -1;

    private long lastReadMillis;
    private boolean reading;
    private boolean failureLogged;
    private Buffer jwkSet = Buffer.buffer();

    /** @param nowMillis a clock that never goes back */
    public JwtKeys(JwtConf conf, LongSupplier nowMillis) {
        this.conf = conf;
        this.nowMillis = nowMillis;
    }

    /**
     * Fails if a file cannot be read, because the user must correct that. Succeeds if a URL cannot be read, because its
     * server may start later.
     */
    @Override
    public Future<?> start() {
        jwtAuth = jwtAuth(List.of());
        queue = new VerificationQueue(vertx);
        if (!conf.hasJwks()) {
            return Future.succeededFuture();
        }
        reader = new JwkSetReader(vertx, conf);
        refreshTimer = vertx.setPeriodic(conf.refresh().toMillis(), id -> refresh());
        return read().recover(failure -> {
            if (conf.isJwksRemote()) {
                logOnce(failure);
                return Future.succeededFuture();
            }
            return Future.failedFuture(new ConfException("jwt.jwks: " + conf.jwks() + ": " + failure.getMessage()
                    + " (expected: a readable file with a JWK set, RFC 7517)"));
        });
    }

    @Override
    public Future<?> stop() {
        vertx.cancelTimer(refreshTimer);
        queue.close();
        return reader == null ? Future.succeededFuture() : reader.close();
    }

    /** Returns a verifier with all current keys; empty if there are none. Thread-safe. */
    Optional<JWTAuth> jwtAuth() {
        return jwtAuth;
    }

    /** Runs a verification on a worker thread. Thread-safe. */
    Future<Decision> verify(Callable<Decision> verification) {
        return queue.run(verification);
    }

    /** Reads the set again after a token has named an unknown key, because the key may be new. Thread-safe. */
    void refreshForUnknownKey() {
        if (conf.hasJwks()) {
            context.runOnContext(unknown -> {
                if (nowMillis.getAsLong() - lastReadMillis >= MIN_REFRESH_MILLIS) {
                    refresh();
                }
            });
        }
    }

    private void refresh() {
        if (!reading) {
            read().onFailure(this::logOnce);
        }
    }

    private Future<?> read() {
        reading = true;
        lastReadMillis = nowMillis.getAsLong();
        return reader.read()
                .map(this::replaceKeys)
                .onSuccess(replaced -> failureLogged = false)
                .onComplete(done -> reading = false);
    }

    private Buffer replaceKeys(Buffer read) {
        if (!read.equals(jwkSet)) {
            jwtAuth = jwtAuth(JwkSet.parse(read, !conf.isJwksRemote()));
            jwkSet = read;
        }
        return read;
    }

    /** Logs the first of several failures in a row. */
    private void logOnce(Throwable failure) {
        if (!failureLogged) {
            failureLogged = true;
            LOG.error(
                    "jwt.jwks: {}: not readable, so the current keys stay in use: {}",
                    conf.jwks(),
                    failure.getMessage());
        }
    }

    /** Returns nothing if there is no key, because Vert.x would then accept tokens without a signature. */
    private Optional<JWTAuth> jwtAuth(List<JsonObject> jwks) {
        if (conf.secrets().isEmpty() && conf.keys().isEmpty() && jwks.isEmpty()) {
            return Optional.empty();
        }
        var options = new JWTAuthOptions().setJWTOptions(claims());
        conf.secrets().forEach(secret -> options.addPubSecKey(key("HS256", secret)));
        conf.keys().forEach(key -> options.addPubSecKey(key(key.algorithm(), key.pem())));
        jwks.forEach(options::addJwk);
        return Optional.of(JWTAuth.create(vertx, options));
    }

    private static PubSecKeyOptions key(String algorithm, String text) {
        return new PubSecKeyOptions().setAlgorithm(algorithm).setBuffer(text);
    }

    /** Leaves the validity period out, because {@link JwtVerifier} checks it. */
    private JWTOptions claims() {
        var claims = new JWTOptions().setIgnoreExpiration(true);
        if (!conf.issuer().isEmpty()) {
            claims.setIssuer(conf.issuer());
        }
        if (!conf.audience().isEmpty()) {
            claims.setAudience(conf.audience());
        }
        return claims;
    }
}
