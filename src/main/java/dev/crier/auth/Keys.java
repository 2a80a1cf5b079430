package dev.crier.auth;

import dev.crier.config.JwtConf;
import dev.crier.config.file.ConfException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys by which JWTs are believed, the same for all event loops: none of them is changed, but all are replaced. Those of
 * a JWK set are read anew now and then; what was read last stays until there is something else to read.
 */
public final class Keys extends VerticleBase {

    /** A token of an unknown key, which anyone can send, has the set read anew at most so often. */
    static final long PAUSE_MILLIS = 10_000;

    private static final long TIMEOUT_MILLIS = 10_000;

    /** Verifications that may wait, about a second of work. Each keeps a request in memory. */
    private static final int MAX_CHECKS = 4096;

    /** Threads that verify, at most half of the processors, so that the event loops go on. */
    private static final int CHECKERS = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    private static final int MAX_SET_BYTES = 1 << 20;
    private static final Logger LOG = LoggerFactory.getLogger(Keys.class);

    private final JwtConf conf;
    private final LongSupplier nowMillis;
    private final AtomicInteger checks = new AtomicInteger();
    private volatile Optional<JWTAuth> verifier = Optional.empty();
    private WorkerExecutor checkers;
    private HttpClient client;
    private long refreshing;
    private long readAt;
    private boolean reading;
    private boolean unreadable;
    private Buffer set = Buffer.buffer();

    /** @param nowMillis a clock that never goes back */
    public Keys(JwtConf conf, LongSupplier nowMillis) {
        this.conf = conf;
        this.nowMillis = nowMillis;
    }

    /** A file that cannot be read is the user's to mend; a server that cannot be reached may be there later. */
    @Override
    public Future<?> start() {
        verifier = verifier(List.of());
        checkers = vertx.createSharedWorkerExecutor(Keys.class.getName(), CHECKERS);
        if (!conf.hasJwks()) {
            return Future.succeededFuture();
        }
        client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout((int) TIMEOUT_MILLIS));
        refreshing = vertx.setPeriodic(conf.refresh().toMillis(), id -> refresh());
        return read().recover(failure -> {
            if (conf.isJwksRemote()) {
                tell(failure);
                return Future.succeededFuture();
            }
            return Future.failedFuture(new ConfException("jwt.jwks: " + conf.jwks() + ": " + failure.getMessage()
                    + " (expected: a readable file with a JWK set, RFC 7517)"));
        });
    }

    @Override
    public Future<?> stop() {
        vertx.cancelTimer(refreshing);
        checkers.close();
        return client == null ? Future.succeededFuture() : client.close();
    }

    /**
     * Verifies a signature on another thread, because with a public key it takes at least a quarter of a millisecond, and
     * any client can cause it. Thread-safe.
     *
     * @return the result, in the context of the caller, or {@link Decision.Busy}
     */
    Future<Decision> run(Callable<Decision> check) {
        if (checks.incrementAndGet() > MAX_CHECKS) {
            checks.decrementAndGet();
            return Future.succeededFuture(new Decision.Busy());
        }
        return checkers.executeBlocking(check, false).onComplete(checked -> checks.decrementAndGet());
    }

    /** Knows tokens by all keys that there are now; there may be none. Any thread may ask. */
    Optional<JWTAuth> verifier() {
        return verifier;
    }

    /** There was a token of a key that is none of them: it may be a new one. Any thread may say so. */
    void missed() {
        if (conf.hasJwks()) {
            context.runOnContext(missed -> {
                if (nowMillis.getAsLong() - readAt >= PAUSE_MILLIS) {
                    refresh();
                }
            });
        }
    }

    private void refresh() {
        if (!reading) {
            read().onFailure(this::tell);
        }
    }

    private Future<?> read() {
        reading = true;
        readAt = nowMillis.getAsLong();
        return (conf.isJwksRemote() ? fetch() : vertx.fileSystem().readFile(conf.jwks()))
                .map(this::take)
                .onSuccess(taken -> unreadable = false)
                .onComplete(done -> reading = false);
    }

    private Buffer take(Buffer current) {
        if (!current.equals(set)) {
            verifier = verifier(Jwks.parse(current, !conf.isJwksRemote()));
            set = current;
        }
        return current;
    }

    /** Once, until it can be read again. */
    private void tell(Throwable failure) {
        if (!unreadable) {
            unreadable = true;
            LOG.error(
                    "jwt.jwks: {} could not be read, the keys stay as they are: {}", conf.jwks(), failure.getMessage());
        }
    }

    /** Redirects are not followed: whose keys are believed is for the conf alone to say. */
    private Future<Buffer> fetch() {
        var options = new RequestOptions().setAbsoluteURI(conf.jwks()).setTimeout(TIMEOUT_MILLIS);
        return client.request(options).compose(this::fetch);
    }

    private Future<Buffer> fetch(HttpClientRequest request) {
        return request.send()
                .compose(Keys::body)
                .timeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                .onFailure(failure -> request.reset());
    }

    private static Future<Buffer> body(HttpClientResponse response) {
        Promise<Buffer> whole = Promise.promise();
        Buffer body = Buffer.buffer();
        response.exceptionHandler(whole::tryFail);
        response.endHandler(end -> whole.tryComplete(body));
        response.handler(part -> {
            if (body.appendBuffer(part).length() > MAX_SET_BYTES) {
                whole.tryFail("more than " + MAX_SET_BYTES + " bytes");
            }
        });
        if (response.statusCode() != 200) {
            whole.tryFail("status " + response.statusCode());
        }
        return whole.future();
    }

    /** None where there is no key: Vert.x would take tokens that nobody has signed. */
    private Optional<JWTAuth> verifier(List<JsonObject> jwks) {
        var options = new JWTAuthOptions().setJWTOptions(claims());
        conf.secrets().forEach(secret -> options.addPubSecKey(key("HS256", secret)));
        conf.keys().forEach(key -> options.addPubSecKey(key(key.algorithm(), key.pem())));
        jwks.forEach(options::addJwk);
        boolean any = !conf.secrets().isEmpty() || !conf.keys().isEmpty() || !jwks.isEmpty();
        return any ? Optional.of(JWTAuth.create(vertx, options)) : Optional.empty();
    }

    private static PubSecKeyOptions key(String algorithm, String text) {
        return new PubSecKeyOptions().setAlgorithm(algorithm).setBuffer(text);
    }

    /** When a token begins and ends is looked at by {@link Jwts}. */
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
