package dev.crier.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.crier.config.Conf;
import dev.crier.config.JwtConf;
import dev.crier.event.ChannelName;
import dev.crier.testing.RunningCrier;
import dev.crier.testing.SigningKey;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A verifier of JWTs at a fixed time, with one key of each algorithm. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class JwtVerifierFixture {

    static final List<ChannelName> NEWS = List.of(new ChannelName("/news"));
    static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");
    static final long NOW_SECONDS = NOW.getEpochSecond();
    static final List<String> ALGORITHMS = List.of("HS256", "RS256", "ES256", "EdDSA");

    Path folder;
    JsonObject allKeys;
    JwtVerifier jwts;
    private final Map<String, SigningKey> keys = new HashMap<>();
    private Vertx vertx;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        this.folder = folder;
        vertx = Vertx.vertx();
        for (String algorithm : ALGORITHMS) {
            keys.put(algorithm, SigningKey.of(algorithm));
        }
        var files = new JsonArray();
        for (String algorithm : ALGORITHMS.subList(1, 4)) {
            files.add(key(algorithm).pemIn(folder).toString());
        }
        allKeys = new JsonObject()
                .put("secrets", new JsonArray().add(key("HS256").text()))
                .put("keys", files)
                .put("leeway", "PT10S");
        jwts = jwts(allKeys);
    }

    @AfterAll
    void close() throws Exception {
        RunningCrier.await(vertx.close());
    }

    JwtVerifier jwts(JsonObject json) throws Exception {
        return jwts(json, NOW);
    }

    JwtVerifier jwts(JsonObject json, Instant now) throws Exception {
        JwtConf conf = Conf.read(new JsonObject().put("jwt", json), Map.of()).jwt();
        var jwtKeys = new JwtKeys(conf, () -> 0);
        RunningCrier.await(vertx.deployVerticle(jwtKeys));
        return new JwtVerifier(jwtKeys, conf.leeway(), () -> now);
    }

    SigningKey key(String algorithm) {
        return keys.get(algorithm);
    }

    /** Claims that allow reading {@code /news}, and expire in a minute. */
    static JsonObject claims() {
        return new JsonObject()
                .put("exp", NOW_SECONDS + 60)
                .put("crier", new JsonObject().put("read", new JsonArray().add("/news")));
    }

    Decision read(String token) {
        return jwts.verifyNow(token, Permission.READ, NEWS);
    }

    static void assertGranted(Decision decision) {
        assertEquals(
                Duration.ofSeconds(70),
                assertInstanceOf(Decision.Granted.class, decision).validity());
    }

    static void assertInvalid(String reason, Decision decision) {
        assertEquals(new Decision.Invalid(reason), decision);
    }
}
