package dev.crier.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crier.config.Conf;
import dev.crier.config.JwtConf;
import dev.crier.config.file.ConfException;
import dev.crier.event.ChannelName;
import dev.crier.testing.Eventually;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.SigningKey;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** How the JWK set is read from a file or a URL, and read again. {@link JwkSetTest} has the keys themselves. */
class JwtKeysTest {

    private static final List<ChannelName> NEWS = List.of(new ChannelName("/news"));

    private static Vertx vertx;
    private static SigningKey first;
    private static SigningKey second;

    @TempDir
    private Path folder;

    private final AtomicLong nowMillis = new AtomicLong(1_000_000);
    private final AtomicInteger requests = new AtomicInteger();
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final List<String> deployed = new ArrayList<>();
    private volatile Consumer<HttpServerRequest> responder = request -> {};
    private HttpServer server;
    private String url;

    @BeforeAll
    static void createKeys() throws Exception {
        vertx = Vertx.vertx();
        first = SigningKey.of("ES256");
        second = SigningKey.of("ES256");
    }

    @AfterAll
    static void closeVertx() throws Exception {
        RunningCrier.await(vertx.close());
    }

    @BeforeEach
    void listen() throws Exception {
        logged.start();
        ((Logger) LoggerFactory.getLogger("dev.crier.auth")).addAppender(logged);
        server = RunningCrier.await(vertx.createHttpServer()
                .requestHandler(request -> {
                    requests.incrementAndGet();
                    responder.accept(request);
                })
                .listen(0, "127.0.0.1"));
        url = "http://127.0.0.1:" + server.actualPort() + "/jwks.json";
    }

    @AfterEach
    void close() throws Exception {
        for (String id : deployed) {
            RunningCrier.await(vertx.undeploy(id));
        }
        RunningCrier.await(server.close());
        ((Logger) LoggerFactory.getLogger("dev.crier.auth")).detachAppender(logged);
    }

    private static String set(JsonObject... keys) {
        return new JsonObject()
                .put("keys", new JsonArray(List.of((Object[]) keys)))
                .encode();
    }

    private String file(JsonObject... keys) throws Exception {
        return Files.writeString(folder.resolve("jwks.json"), set(keys)).toString();
    }

    private void serve(JsonObject... keys) {
        responder = request -> request.response().end(set(keys));
    }

    private JwtVerifier verifier(String fileOrUrl) throws Exception {
        return verifier(new JsonObject().put("jwks", fileOrUrl));
    }

    private JwtVerifier verifier(JsonObject jwt) throws Exception {
        return verifier(Conf.read(new JsonObject().put("jwt", jwt), Map.of()).jwt());
    }

    /** Creates a verifier that reads the set more often than a configuration allows. */
    private JwtVerifier frequentlyRefreshed(String fileOrUrl) throws Exception {
        return verifier(
                new JwtConf(List.of(), List.of(), fileOrUrl, Duration.ofMillis(10), "", List.of(), Duration.ZERO));
    }

    private JwtVerifier verifier(JwtConf conf) throws Exception {
        var keys = new JwtKeys(conf, nowMillis::get);
        deployed.add(RunningCrier.await(vertx.deployVerticle(keys)));
        return new JwtVerifier(keys, Duration.ZERO, InstantSource.system());
    }

    private static String token(SigningKey key, String id) throws Exception {
        var claims = new JsonObject()
                .put("exp", System.currentTimeMillis() / 1000 + 600)
                .put("crier", new JsonObject().put("read", new JsonArray().add("/news")));
        var header = new JsonObject().put("alg", key.algorithm());
        return key.sign(id.isEmpty() ? header : header.put("kid", id), claims);
    }

    private static boolean accepts(JwtVerifier verifier, SigningKey key, String id) throws Exception {
        return verifier.verifyNow(token(key, id), Permission.READ, NEWS) instanceof Decision.Granted;
    }

    private List<String> errors() {
        return List.copyOf(logged.list).stream()
                .filter(event -> event.getLevel() == Level.ERROR)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "RS256", "ES256", "EdDSA"})
    void aSetInAFileIsUsed(String algorithm) throws Exception {
        SigningKey key = SigningKey.of(algorithm);
        JwtVerifier verifier = verifier(file(key.jwk("one").put("alg", algorithm)));
        assertTrue(accepts(verifier, key, "one"));
        assertTrue(accepts(verifier, key, ""));
        assertFalse(accepts(verifier, key, "other"));
    }

    @Test
    void aSetAtAUrlIsUsed() throws Exception {
        serve(first.jwk("first"));
        JwtVerifier verifier = verifier(url);
        assertTrue(accepts(verifier, first, "first"));
        assertEquals(1, requests.get());
    }

    @Test
    void aSecretAtAUrlIsNotUsed() throws Exception {
        SigningKey secret = SigningKey.of("HS256");
        serve(secret.jwk("one"));
        assertFalse(accepts(verifier(url), secret, "one"));
    }

    @Test
    void keysInFilesAreUsedTogetherWithTheSet() throws Exception {
        SigningKey pem = SigningKey.of("EdDSA");
        serve(first.jwk("first"));
        JwtVerifier verifier = verifier(new JsonObject()
                .put("jwks", url)
                .put("keys", new JsonArray().add(pem.pemIn(folder).toString())));
        assertTrue(accepts(verifier, pem, ""));
        assertTrue(accepts(verifier, first, "first"));
    }

    @Test
    void aRefreshOfAUrlReplacesTheKeys() throws Exception {
        serve(first.jwk("first"));
        JwtVerifier verifier = frequentlyRefreshed(url);
        assertTrue(accepts(verifier, first, "first"));
        assertFalse(accepts(verifier, second, "second"));
        serve(second.jwk("second"));
        Eventually.until("the new key", () -> accepts(verifier, second, "second"));
        assertFalse(accepts(verifier, first, "first"));
    }

    @Test
    void aRefreshOfAFileReplacesTheKeys() throws Exception {
        JwtVerifier verifier = frequentlyRefreshed(file(first.jwk("first")));
        Path next = Files.writeString(folder.resolve("next"), set(first.jwk("first"), second.jwk("second")));
        Files.move(next, folder.resolve("jwks.json"), StandardCopyOption.REPLACE_EXISTING);
        Eventually.until("the new key", () -> accepts(verifier, second, "second"));
        assertTrue(accepts(verifier, first, "first"));
    }

    @Test
    void anUnknownKeyCausesARefreshButNotTooOften() throws Exception {
        serve(first.jwk("first"));
        JwtVerifier verifier = verifier(url);
        serve(first.jwk("first"), second.jwk("second"));
        nowMillis.addAndGet(JwtKeys.MIN_REFRESH_MILLIS - 1);
        for (int i = 0; i < 100; i++) {
            assertFalse(accepts(verifier, second, "second"));
        }
        nowMillis.addAndGet(1);
        Eventually.until("the new key", () -> accepts(verifier, second, "second"));
        SigningKey third = SigningKey.of("EdDSA");
        for (int i = 0; i < 100; i++) {
            assertFalse(accepts(verifier, third, "third"));
        }
        assertEquals(2, requests.get());
    }

    @Test
    void aWrongSignatureOfAKnownKeyCausesNoRefresh() throws Exception {
        serve(first.jwk("one"));
        JwtVerifier verifier = verifier(url);
        nowMillis.addAndGet(JwtKeys.MIN_REFRESH_MILLIS);
        assertFalse(accepts(verifier, second, "one"));
        assertTrue(accepts(verifier, first, "one"));
        // the refresh for an unknown key would come after that for the signature
        assertFalse(accepts(verifier, first, "other"));
        Eventually.until("the refresh", () -> requests.get() == 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"500", "302", "not a set", "not JSON", "half a body", "no response", "too large"})
    void aFailedRefreshKeepsTheKeysAndIsLoggedOnce(String failure) throws Exception {
        serve(first.jwk("first"));
        JwtVerifier verifier = verifier(url);
        responder = request -> fail(failure, request);
        for (int i = 2; i <= 3; i++) {
            int expected = i;
            nowMillis.addAndGet(JwtKeys.MIN_REFRESH_MILLIS);
            // repeated, because there is no further request while one is under way
            Eventually.until("the request", () -> {
                accepts(verifier, second, "second");
                return requests.get() == expected;
            });
            assertTrue(accepts(verifier, first, "first"));
        }
        Eventually.until("the error", () -> errors().size() == 1);
        assertTrue(errors().get(0).startsWith("jwt.jwks: " + url + ": not readable"), errors()::toString);
        serve(second.jwk("second"));
        Eventually.until("the new key", () -> {
            nowMillis.addAndGet(JwtKeys.MIN_REFRESH_MILLIS);
            return accepts(verifier, second, "second");
        });
        assertEquals(1, errors().size());
    }

    private static void fail(String failure, HttpServerRequest request) {
        switch (failure) {
            case "not a set" -> request.response().end("{\"kids\": []}");
            case "not JSON" -> request.response().end("<html>");
            case "half a body" ->
                request.response()
                        .setChunked(true)
                        .write("{")
                        .onComplete(written -> request.connection().close());
            case "no response" -> request.connection().close();
            case "too large" -> request.response().end(" ".repeat((1 << 20) + 1) + set());
            default ->
                request.response()
                        .setStatusCode(Integer.parseInt(failure))
                        .putHeader("Location", "/elsewhere")
                        .end(set());
        }
    }

    @Test
    void theServerOfAUrlMayStartLater() throws Exception {
        responder = request -> request.response().setStatusCode(503).end();
        JwtVerifier verifier = verifier(url);
        assertFalse(accepts(verifier, first, "first"));
        serve(first.jwk("first"));
        nowMillis.addAndGet(JwtKeys.MIN_REFRESH_MILLIS);
        Eventually.until("the key", () -> accepts(verifier, first, "first"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such.json", "pom.xml"})
    void aFileThatCannotBeReadFailsTheStart(String file) {
        String error = assertThrows(ConfException.class, () -> verifier(file)).getMessage();
        assertTrue(error.startsWith("jwt.jwks: " + file + ": "), error);
        assertTrue(error.endsWith(" (expected: a readable file with a JWK set, RFC 7517)"), error);
    }
}
