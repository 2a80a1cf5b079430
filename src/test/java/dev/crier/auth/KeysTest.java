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
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** The keys of a JWK set: where they come from, which of them are used, and how they follow one another. */
class KeysTest {

    private static final ChannelName NEWS = new ChannelName("/news");

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong now = new AtomicLong(1_000_000);
    private final AtomicInteger asked = new AtomicInteger();
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private volatile Consumer<HttpServerRequest> answer = request -> {};

    @BeforeEach
    void listen() {
        logged.start();
        ((Logger) LoggerFactory.getLogger("dev.crier.auth")).addAppender(logged);
    }

    @AfterEach
    void close() throws Exception {
        ((Logger) LoggerFactory.getLogger("dev.crier.auth")).detachAppender(logged);
        RunningCrier.await(vertx.close());
    }

    private List<String> logged(Level level) {
        return List.copyOf(logged.list).stream()
                .filter(event -> event.getLevel() == level)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
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
        answer = request -> request.response().end(set(keys));
    }

    private String url() throws Exception {
        var server = vertx.createHttpServer().requestHandler(request -> {
            asked.incrementAndGet();
            answer.accept(request);
        });
        return "http://127.0.0.1:"
                + RunningCrier.await(server.listen(0, "127.0.0.1")).actualPort() + "/jwks.json";
    }

    private Jwts jwts(String place) throws Exception {
        return jwts(new JsonObject().put("jwks", place));
    }

    private Jwts jwts(JsonObject json) throws Exception {
        JwtConf conf = Conf.read(new JsonObject().put("jwt", json), Map.of()).jwt();
        var keys = new Keys(conf, now::get);
        RunningCrier.await(vertx.deployVerticle(keys));
        return new Jwts(keys, Duration.ZERO, InstantSource.system());
    }

    private static String token(SigningKey key, String id) throws Exception {
        var claims = new JsonObject()
                .put("exp", System.currentTimeMillis() / 1000 + 600)
                .put("crier", new JsonObject().put("read", new JsonArray().add("/news")));
        var header = new JsonObject().put("alg", key.algorithm());
        return key.sign(id.isEmpty() ? header : header.put("kid", id), claims);
    }

    private static boolean reads(Jwts jwts, SigningKey key, String id) throws Exception {
        return jwts.of(token(key, id), Permission.READ, NEWS) instanceof Decision.Granted;
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "RS256", "ES256", "EdDSA"})
    void aSetInAFileWillDo(String algorithm) throws Exception {
        SigningKey key = SigningKey.of(algorithm);
        Jwts jwts = jwts(file(key.jwk("one").put("alg", algorithm)));
        assertTrue(reads(jwts, key, "one"));
        assertTrue(reads(jwts, key, ""));
        assertFalse(reads(jwts, key, "other"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "ES256", "EdDSA"})
    void oneAtAUrlToo(String algorithm) throws Exception {
        SigningKey key = SigningKey.of(algorithm);
        serve(key.jwk("one"));
        Jwts jwts = jwts(url());
        assertTrue(reads(jwts, key, "one"));
        assertEquals(1, asked.get());
    }

    /** What comes over the network, others can have too. */
    @Test
    void aSecretAtAUrlIsNone() throws Exception {
        SigningKey key = SigningKey.of("HS256");
        serve(key.jwk("one"));
        assertFalse(reads(jwts(url()), key, "one"));
    }

    @Test
    void whatCannotBeUsedIsLeftOutAndTheRestIsUsed() throws Exception {
        SigningKey rsa = SigningKey.of("RS256");
        SigningKey good = SigningKey.of("ES256");
        SigningKey weak = SigningKey.pair("RS256", "RSA", 1024);
        SigningKey curve = SigningKey.pair("ES256", "EC", 384);
        SigningKey brief = SigningKey.secret("too short a secret");
        Jwts jwts = jwts(file(
                rsa.jwk("a").put("alg", "HS256"),
                rsa.jwk("b").put("alg", "RS512"),
                rsa.jwk("c").put("use", "enc"),
                rsa.jwk("d").put("kty", "EC"),
                rsa.jwk("e").put("n", "!"),
                rsa.jwk("f").put("kty", 5),
                weak.jwk("g"),
                curve.jwk("h").put("crv", "P-384"),
                brief.jwk("i"),
                new JsonObject(),
                new JsonObject().put("kty", "OKP").put("crv", "X25519").put("x", "AAAA"),
                good.jwk("z")));
        assertTrue(reads(jwts, good, "z"));
        for (String id : List.of("", "a", "b", "c", "d", "e", "f")) {
            assertFalse(reads(jwts, rsa, id), id);
        }
        assertFalse(reads(jwts, weak, "g"));
        assertFalse(reads(jwts, curve, "h"));
        assertFalse(reads(jwts, brief, "i"));
        assertEquals(11, logged(Level.WARN).size());
        assertEquals(
                "jwt.jwks: keys[0] is left out (expected: a key for RS256, ES256, EdDSA or HS256)",
                logged(Level.WARN).get(0));
    }

    @Test
    void thePrivatePartIsNotTakenOver() throws Exception {
        SigningKey key = SigningKey.of("EdDSA");
        JsonObject usable = Jwks.parse(
                        new JsonObject(set(key.jwk("one").put("d", "AAAA").put("x5c", new JsonArray().add("x"))))
                                .toBuffer(),
                        true)
                .get(0);
        assertEquals(List.of("kty", "alg", "kid", "crv", "x"), List.copyOf(usable.fieldNames()));
    }

    @Test
    void aRotatedKeyIsBelievedWithTheNextReadingAndTheOldOneNoMore() throws Exception {
        SigningKey first = SigningKey.of("ES256");
        SigningKey second = SigningKey.of("ES256");
        serve(first.jwk("first"));
        Jwts jwts = jwts(new JsonObject().put("jwks", url()).put("refresh", "PT1S"));
        assertTrue(reads(jwts, first, "first"));
        assertFalse(reads(jwts, second, "second"));
        serve(second.jwk("second"));
        Eventually.until("the new key", () -> reads(jwts, second, "second"));
        assertFalse(reads(jwts, first, "first"));
    }

    @Test
    void aFileIsReadAnewToo() throws Exception {
        SigningKey first = SigningKey.of("ES256");
        SigningKey second = SigningKey.of("ES256");
        Jwts jwts = jwts(new JsonObject().put("jwks", file(first.jwk("first"))).put("refresh", "PT1S"));
        Path next = Files.writeString(folder.resolve("next"), set(first.jwk("first"), second.jwk("second")));
        Files.move(next, folder.resolve("jwks.json"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        Eventually.until("the new key", () -> reads(jwts, second, "second"));
        assertTrue(reads(jwts, first, "first"));
    }

    @Test
    void aTokenOfAnUnknownKeyHasTheSetReadAnewButNotTooOften() throws Exception {
        SigningKey first = SigningKey.of("ES256");
        SigningKey second = SigningKey.of("ES256");
        serve(first.jwk("first"));
        Jwts jwts = jwts(url());
        serve(first.jwk("first"), second.jwk("second"));
        now.addAndGet(Keys.PAUSE_MILLIS - 1);
        for (int i = 0; i < 100; i++) {
            assertFalse(reads(jwts, second, "second"));
        }
        now.addAndGet(1);
        Eventually.until("the new key", () -> reads(jwts, second, "second"));
        for (int i = 0; i < 100; i++) {
            assertFalse(reads(jwts, SigningKey.of("EdDSA"), "third"));
        }
        assertEquals(2, asked.get());
    }

    /** A wrong signature is no reason: the key is there. */
    @Test
    void aTokenOfAKnownKeyHasNothingReadAnew() throws Exception {
        SigningKey key = SigningKey.of("ES256");
        serve(key.jwk("one"));
        Jwts jwts = jwts(url());
        now.addAndGet(Keys.PAUSE_MILLIS);
        assertFalse(reads(jwts, SigningKey.of("ES256"), "one"));
        assertTrue(reads(jwts, key, "one"));
        // one that does, behind it
        assertFalse(reads(jwts, key, "other"));
        Eventually.until("asked", () -> asked.get() == 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"500", "302", "no set", "no JSON", "no end", "broken", "too large"})
    void whatCannotBeReadLeavesTheKeysAsTheyAreAndIsToldOnce(String how) throws Exception {
        SigningKey first = SigningKey.of("ES256");
        SigningKey second = SigningKey.of("ES256");
        serve(first.jwk("first"));
        Jwts jwts = jwts(url());
        int before = asked.get();
        answer = request -> fail(how, request);
        for (int i = 1; i <= 2; i++) {
            int times = i;
            now.addAndGet(Keys.PAUSE_MILLIS);
            // asked again and again, for it asks nobody while it still reads
            Eventually.until("asked", () -> {
                reads(jwts, second, "second");
                return asked.get() == before + times;
            });
            assertTrue(reads(jwts, first, "first"));
        }
        Eventually.until("told", () -> logged(Level.ERROR).size() == 1);
        assertTrue(logged(Level.ERROR).get(0).startsWith("jwt.jwks: http://127.0.0.1:"), logged.list::toString);
        serve(second.jwk("second"));
        Eventually.until("the new key", () -> {
            now.addAndGet(Keys.PAUSE_MILLIS);
            return reads(jwts, second, "second");
        });
        assertEquals(1, logged(Level.ERROR).size());
    }

    private static void fail(String how, HttpServerRequest request) {
        switch (how) {
            case "no set" -> request.response().end("{\"kids\": []}");
            case "no JSON" -> request.response().end("<html>");
            case "no end" ->
                request.response()
                        .setChunked(true)
                        .write("{")
                        .onComplete(written -> request.connection().close());
            case "broken" -> request.connection().close();
            case "too large" -> request.response().end(" ".repeat((1 << 20) + 1) + set());
            default ->
                request.response()
                        .setStatusCode(Integer.parseInt(how))
                        .putHeader("Location", "/elsewhere")
                        .end(set());
        }
    }

    @Test
    void aServerThatIsNotThereYetIsWaitedFor() throws Exception {
        SigningKey key = SigningKey.of("ES256");
        answer = request -> request.response().setStatusCode(503).end();
        Jwts jwts = jwts(url());
        assertFalse(reads(jwts, key, "one"));
        serve(key.jwk("one"));
        now.addAndGet(Keys.PAUSE_MILLIS);
        Eventually.until("the key", () -> reads(jwts, key, "one"));
    }

    @Test
    void aFileThatCannotBeReadStopsTheStart() {
        for (String file : List.of("no-such.json", "pom.xml")) {
            String problem = assertThrows(ConfException.class, () -> jwts(file)).getMessage();
            assertTrue(problem.startsWith("jwt.jwks: " + file + ": "), problem);
            assertTrue(problem.endsWith(" (expected: a readable file with a JWK set, RFC 7517)"), problem);
        }
    }

    @Test
    void keysInFilesStayBesideThoseOfTheSet() throws Exception {
        SigningKey pem = SigningKey.of("EdDSA");
        SigningKey first = SigningKey.of("EdDSA");
        serve(first.jwk("first"));
        Jwts jwts = jwts(new JsonObject()
                .put("jwks", url())
                .put("keys", new JsonArray().add(pem.pemIn(folder).toString())));
        assertTrue(reads(jwts, pem, ""));
        assertTrue(reads(jwts, first, "first"));
    }
}
