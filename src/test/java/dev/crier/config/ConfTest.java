package dev.crier.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.config.file.ConfFile;
import dev.crier.event.ChannelName;
import dev.crier.source.ClockVerticle;
import dev.crier.testing.SigningKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Valid configurations: the defaults, and what the records make of a value. {@link ConfErrorsTest} has the invalid ones. */
class ConfTest {

    private static final String CLOCK = ClockVerticle.class.getName();

    private static Conf read(String json) {
        return Conf.read(new JsonObject(json), Map.of(CLOCK, ClockVerticle::check));
    }

    @Test
    void theShippedConfigurationShowsEveryKeyAtItsDefault() throws Exception {
        String shipped = Files.readString(Path.of("conf/config.json"));
        assertEquals(read("{}"), read(shipped));
        assertEquals(
                List.of(
                        "host",
                        "port",
                        "tls",
                        "http",
                        "limits",
                        "trustedProxies",
                        "cors",
                        "webroot",
                        "heartbeat",
                        "retry",
                        "channels",
                        "subscribe",
                        "publish",
                        "read",
                        "jwt",
                        "subscriber",
                        "log",
                        "console",
                        "management",
                        "eventBus",
                        "shutdown"),
                List.copyOf(new JsonObject(shipped).fieldNames()));
    }

    @Test
    void theClockIsTheOnlyChannelByDefault() {
        Conf conf = read("{}");
        assertEquals(1, conf.channels().declared().size());
        SourceConf source = conf.channels()
                .find(new ChannelName("/currentTime"))
                .orElseThrow()
                .sources()
                .get(0);
        assertEquals(CLOCK, source.verticle());
        assertEquals(Duration.ofSeconds(4), conf.heartbeat());
    }

    @Test
    void aSourceIsDeployedWithItsConfigurationAndWhatItNeedsToPublish() {
        var source = new SourceConf("a.Source", new JsonObject().put("key", 1));
        assertEquals(
                new JsonObject()
                        .put("key", 1)
                        .put("channel", "/a")
                        .put("shared", true)
                        .put("publishTo", "crier.publish"),
                source.configFor(new ChannelName("/a"), true, "crier.publish"));
        assertEquals(new JsonObject().put("key", 1), source.config());
    }

    @Test
    void severalChannelsAreSubscribedToAtAPathUnlessItIsNull() {
        assertEquals(
                Optional.of(new ChannelName("/events")), read("{}").subscribe().path());
        Conf conf = read("{\"subscribe\": {\"path\": \"/many\"}, \"channels\": {\"/events\": {}}}");
        assertTrue(conf.subscribe().isAt(new ChannelName("/many")));
        assertFalse(conf.subscribe().isAt(new ChannelName("/events")));
        assertEquals(
                Optional.empty(),
                read("{\"subscribe\": {\"path\": null}, \"channels\": {\"/events\": {}}}")
                        .subscribe()
                        .path());
    }

    /** In {@code -conf}, null removes the key of {@code conf/config.json}. */
    @Test
    void nullInTheOptionSwitchesThePathOff() {
        var merged = ConfFile.load("{\"subscribe\": {\"path\": null}}").merged();
        assertEquals(
                Optional.empty(),
                Conf.read(merged, Map.of(CLOCK, ClockVerticle::check))
                        .subscribe()
                        .path());
    }

    @ParameterizedTest
    @CsvSource({"memory, false", "sqlite, false", "redis, true"})
    void onlyALogInRedisIsShared(String store, boolean shared) {
        assertEquals(
                shared, read("{\"log\": {\"store\": \"" + store + "\"}}").log().isShared());
    }

    @Test
    void theLogUsesThreeEighthsOfTheHeapByDefault() {
        long heap = Runtime.getRuntime().maxMemory();
        assertEquals(heap / 8 * 3, read("{}").log().memoryBytes());
        assertEquals(
                1 << 20, read("{\"log\": {\"memoryBytes\": 1048576}}").log().memoryBytes());
    }

    @ParameterizedTest
    @CsvSource({"1048576, 524288", "134217728, 67108864", "268435456, 67108864"})
    void anSqliteLogUsesUpToHalfOfItsMemoryForRecentEntries(long memoryBytes, long recentBytes) {
        var log = new LogConf.Sqlite(Path.of("a.db"), memoryBytes);
        assertEquals(recentBytes, log.recentBytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {":memory:", "file:x.db"})
    void aFileNameThatSqliteWouldInterpretNamesAFile(String name) {
        var log = (LogConf.Sqlite) read("{\"log\": {\"store\": \"sqlite\", \"file\": \"" + name + "\"}}")
                .log();
        assertEquals(Path.of(name).toAbsolutePath(), log.file());
    }

    @Test
    void thePackedFilesAreThoseOfTheWebroot() throws Exception {
        try (var files = Files.list(Path.of("webroot"))) {
            assertEquals(
                    files.map(file -> "/" + file.getFileName()).sorted().toList(),
                    new Webroot("webroot", true).files().toList());
        }
    }

    @Test
    void tokensAndSecretsAreNotPartOfTheText() {
        String secret = "a-secret-of-the-tests-of-32-bytes-and-more";
        Conf conf = read("""
                        {"publish": {"tokens": ["%1$s"]}, "read": {"tokens": ["%1$s"]}, "jwt": {"secrets": ["%1$s"]}}
                        """.formatted(secret));
        assertEquals(List.of(secret), conf.publish().tokens());
        assertEquals(List.of(secret), conf.read().tokens());
        assertEquals(List.of(secret), conf.jwt().secrets());
        assertFalse(conf.toString().contains(secret));
    }

    @ParameterizedTest
    @CsvSource({"RS256", "ES256", "EdDSA"})
    void aPublicKeyDeterminesItsAlgorithm(String algorithm, @TempDir Path folder) throws Exception {
        Path file = SigningKey.of(algorithm).pemIn(folder);
        assertEquals(algorithm, PemKey.read(file.toString()).algorithm());
    }

    @ParameterizedTest
    @CsvSource({"RS256, RSA, 1024", "ES256, EC, 384"})
    void aWeakKeyOrAnotherCurveIsRejected(String algorithm, String type, int bits, @TempDir Path folder)
            throws Exception {
        Path file = SigningKey.pair(algorithm, type, bits).pemIn(folder);
        var conf = new JsonObject().put("jwt", new JsonObject().put("keys", new JsonArray().add(file.toString())));
        ConfErrorsTest.assertError(conf.encode(), "jwt.keys[0]: \"" + file + "\" (expected: " + PemKey.EXPECTED + ")");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://example.com",
                "http://localhost:8080",
                "https://a.b-c.example:444",
                "http://127.0.0.1:1",
                "http://[::1]:3000"
            })
    void anOriginIsSchemeHostAndPort(String origin) {
        Cors cors = read("{\"cors\": {\"origins\": [\"" + origin + "\"]}}").cors();
        assertTrue(cors.lists(origin));
        assertFalse(cors.any());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "example.com",
                "https://example.com/",
                "https://example.com/app",
                "https://*.example.com",
                "HTTPS://example.com",
                "https://Example.com",
                "https://example.com:443",
                "http://example.com:80",
                "https://example.com:70000",
                "https://example.com?x",
                "https://example.com#x",
                "ftp://example.com",
                "null",
                "https://"
            })
    void anOriginThatNoBrowserSendsIsRejected(String origin) {
        ConfErrorsTest.assertError(
                "{\"cors\": {\"origins\": [\"" + origin + "\"]}}",
                "cors.origins[0]: \"" + origin
                        + "\" (expected: an origin such as https://example.com, or \"*\" alone)");
    }

    /** It may be a URL with a password. */
    @Test
    void anOriginWithAUserIsRejectedAndNotShown() {
        ConfErrorsTest.assertError(
                "{\"cors\": {\"origins\": [\"https://ann:secret@example.com\"]}}",
                "cors.origins[0]: not shown (expected: an origin such as https://example.com, or \"*\" alone)");
    }

    @Test
    void aWildcardAmongOriginsIsRejected() {
        ConfErrorsTest.assertError(
                "{\"cors\": {\"origins\": [\"*\", \"https://a.example\"]}}",
                "cors.origins: [\"*\",\"https://a.example\"] (expected: \"*\" alone, or a list without it)");
    }
}
