package dev.crier.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.config.file.ConfException;
import dev.crier.config.file.ConfFile;
import dev.crier.event.ChannelName;
import dev.crier.event.ChannelPattern;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfTest {

    private static final String CLOCK = ClockVerticle.class.getName();

    private static final long MOST_MEMORY = Runtime.getRuntime().maxMemory() / 4 * 3;

    private static Conf read(JsonObject json) {
        return Conf.read(json, Map.of(CLOCK, ClockVerticle::check));
    }

    private static List<String> problems(JsonObject json) {
        return assertThrows(ConfException.class, () -> read(json)).problems();
    }

    @Test
    void theShippedConfShowsEveryKeyAtItsDefault() throws Exception {
        var shipped = new JsonObject(Files.readString(Path.of("conf/config.json")));
        assertEquals(read(new JsonObject()), read(shipped));
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
                        "publish",
                        "read",
                        "jwt",
                        "subscriber",
                        "log",
                        "console",
                        "management",
                        "shutdown"),
                List.copyOf(shipped.fieldNames()));
    }

    @Test
    void theClockIsTheOnlyChannelByDefault() {
        Conf conf = read(new JsonObject());
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
    void theLogTakesThreeEighthsOfTheHeapByDefault() {
        long heap = Runtime.getRuntime().maxMemory();
        assertEquals(heap / 8 * 3, read(new JsonObject()).log().memoryBytes());
        assertEquals(1 << 20, read(of("log", of("memoryBytes", 1 << 20))).log().memoryBytes());
    }

    static Stream<Arguments> aWrongValueIsToldWithItsKeyAndWhatIsExpected() {
        return Stream.of(
                wrong("port", 70000, "port: 70000 (expected: 0..65535)"),
                wrong("port", -1, "port: -1 (expected: 0..65535)"),
                wrong("port", "3000", "port: \"3000\" (expected: 0..65535)"),
                wrong("port", 30.5, "port: 30.5 (expected: 0..65535)"),
                wrong("port", 5_000_000_000L, "port: 5000000000 (expected: 0..65535)"),
                wrong("port", null, "port: null (expected: 0..65535)"),
                wrong("host", 5, "host: 5 (expected: an address or a host name)"),
                wrong("host", " ", "host: \" \" (expected: an address or a host name)"),
                wrong("webroot", "no/such", "webroot: \"no/such\" (expected: a folder)"),
                wrong("webroot", "pom.xml", "webroot: \"pom.xml\" (expected: a folder)"),
                wrong("webroot", "a\0b", "webroot: \"a\\u0000b\" (expected: a folder)"),
                wrong("heartbeat", "15s", "heartbeat: \"15s\" (expected: an ISO 8601 duration, PT0.1S..PT1H)"),
                wrong("heartbeat", "PT0S", "heartbeat: \"PT0S\" (expected: an ISO 8601 duration, PT0.1S..PT1H)"),
                wrong("heartbeat", 15, "heartbeat: 15 (expected: an ISO 8601 duration, PT0.1S..PT1H)"),
                wrong("cors", "*", "cors: \"*\" (expected: an object)"),
                wrong("channels", new JsonArray(), "channels: [] (expected: an object)"),
                wrong(
                        "channels",
                        of("news", new JsonObject()),
                        "channels.news: {} (expected: a name that is " + ChannelPattern.EXPECTED + ")"),
                wrong("channels", of("/news", "latest"), "channels./news: \"latest\" (expected: an object)"),
                wrong(
                        "channels",
                        news(of("keep", "all")),
                        "channels./news.keep: \"all\" (expected: \"latest\", or an object of events and age)"),
                wrong(
                        "channels",
                        news(of("read", "a-token-of-the-tests")),
                        "channels./news.read: not shown (expected: \"anyone\" or \"token\")"),
                wrong(
                        "jwt",
                        of("secrets", new JsonArray().add("shorter than thirty-two bytes")),
                        "jwt.secrets[0]: not shown (expected: a secret of at least 32 bytes)"),
                wrong(
                        "jwt",
                        of("keys", new JsonArray().add("no-such.pem").add("pom.xml"))
                                .put("keys2", 1),
                        "jwt.keys[0]: \"no-such.pem\" (expected: " + PemKey.EXPECTED + ")",
                        "jwt.keys[1]: \"pom.xml\" (expected: " + PemKey.EXPECTED + ")",
                        "jwt.keys2: unknown (did you mean keys?)"),
                wrong(
                        "jwt",
                        of("jwks", "ftp://example.com/keys"),
                        "jwt.jwks: \"ftp://example.com/keys\" (expected: a file, or a URL such as"
                                + " https://example.com/jwks.json)"),
                wrong("jwt", of("audience", "crier"), "jwt.audience: \"crier\" (expected: a list, each a text)"),
                wrong("jwt", "a secret put in the wrong place", "jwt: not shown (expected: an object)"),
                wrong("read", of("cookie", 5), "read.cookie: 5 (expected: a cookie's name (RFC 6265, 4.1.1))"),
                wrong(
                        "read",
                        of("cookie", "a token, maybe"),
                        "read.cookie: not shown (expected: a cookie's name (RFC 6265, 4.1.1))"),
                wrong("channels", news(of("kept", "latest")), "channels./news.kept: unknown (did you mean keep?)"),
                wrong(
                        "channels",
                        news(of("source", new JsonObject())),
                        "channels./news.source.verticle: missing (expected: a verticle's name, such as a class on the"
                                + " class path with a constructor without arguments)"),
                wrong(
                        "channels",
                        news(of("source", of("verticle", "no.Such"))),
                        "channels./news.source.verticle: \"no.Such\" (expected: a verticle's name, such as a class on"
                                + " the class path with a constructor without arguments)"),
                wrong(
                        "channels",
                        news(of("source", of("verticle", "java.lang.String"))),
                        "channels./news.source.verticle: \"java.lang.String\" (expected: a verticle's name, such as"
                                + " a class on the class path with a constructor without arguments)"),
                wrong(
                        "channels",
                        news(of("source", of("verticle", CLOCK).put("config", of("zone", "Mars")))),
                        "channels./news.source.config.zone: \"Mars\" (expected: a time zone such as Europe/Paris,"
                                + " or \"system\")"),
                wrong(
                        "channels",
                        news(of("source", of("verticle", CLOCK).put("config", of("channel", "/x")))),
                        "channels./news.source.config.channel: \"/x\" (expected: nothing: the source is given its"
                                + " channel's name here)"),
                wrong(
                        "tls",
                        of("cert", "a.pem"),
                        "tls.key: missing (expected: the path of a PEM file, or neither cert nor key)"),
                wrong(
                        "tls",
                        of("key", "a.pem"),
                        "tls.cert: missing (expected: the path of a PEM file, or neither cert nor key)"),
                wrong(
                        "tls",
                        of("refresh", "PT0S"),
                        "tls.refresh: \"PT0S\" (expected: an ISO 8601 duration, PT1S..PT24H)"),
                wrong("tls", of("hsts", "PT24H"), "tls.hsts: \"PT24H\" (expected: PT0S, or tls.cert and tls.key)"),
                wrong(
                        "tls",
                        of("hsts", "P731D"),
                        "tls.hsts: \"P731D\" (expected: an ISO 8601 duration, PT0S..PT17520H)"),
                wrong("http", of("h2c", "yes"), "http.h2c: \"yes\" (expected: true or false)"),
                wrong("limits", of("connections", -1), "limits.connections: -1 (expected: 0..10000000)"),
                wrong("limits", of("subscribers", 0), "limits.subscribers: 0 (expected: 1..10000000)"),
                wrong("limits", of("queueBytes", -1), "limits.queueBytes: -1 (expected: 0..1099511627776)"),
                wrong("limits", of("queueBytes", 1.5), "limits.queueBytes: 1.5 (expected: 0..1099511627776)"),
                wrong(
                        "limits",
                        of("queueBytes", 262_143),
                        "limits.queueBytes: 262143 (expected: 0, or at least 262144, which is 4 times the larger of"
                                + " publish.maxBytes and subscriber.queueBytes)"),
                wrong("limits", of("channels", 0), "limits.channels: 0 (expected: 1..10000000)"),
                wrong("log", of("memoryBytes", -1), "log.memoryBytes: -1 (expected: 0.." + MOST_MEMORY + ")"),
                wrong(
                        "log",
                        of("memoryBytes", MOST_MEMORY + 1),
                        "log.memoryBytes: " + (MOST_MEMORY + 1) + " (expected: 0.." + MOST_MEMORY + ")"),
                wrong(
                        "log",
                        of("memoryBytes", 1000),
                        "log.memoryBytes: 1000 (expected: 0, or 1048576.." + MOST_MEMORY + ")"),
                wrong("limits", of("urlBytes", 255), "limits.urlBytes: 255 (expected: 256..1048576)"),
                wrong(
                        "limits",
                        of("headTimeout", "PT0S"),
                        "limits.headTimeout: \"PT0S\" (expected: an ISO 8601 duration, PT0.1S..PT1H)"),
                wrong("limits", of("refuse", "never"), "limits.refuse: \"never\" (expected: \"retry\" or \"status\")"),
                wrong(
                        "limits",
                        of("answerTimeout", "PT2H"),
                        "limits.answerTimeout: \"PT2H\" (expected: an ISO 8601 duration, PT0.1S..PT1H)"),
                wrong(
                        "publish",
                        of("idleTimeout", "PT0S"),
                        "publish.idleTimeout: not shown (expected: an ISO 8601 duration, PT1S..PT1H)"),
                wrong(
                        "trustedProxies",
                        new JsonArray().add("10.0.0.0/33"),
                        "trustedProxies[0]: \"10.0.0.0/33\" (expected: an address such as 10.0.0.1 or ::1, or a subnet"
                                + " such as 10.0.0.0/8)"),
                wrong(
                        "trustedProxies",
                        new JsonArray().add("proxy.example.com"),
                        "trustedProxies[0]: \"proxy.example.com\" (expected: an address such as 10.0.0.1 or ::1, or a"
                                + " subnet such as 10.0.0.0/8)"),
                wrong("management", of("port", -2), "management.port: -2 (expected: -1..65535)"),
                wrong("management", of("port", 3000), "management.port: 3000 (expected: another than port)"),
                wrong("management", of("host", ""), "management.host: \"\" (expected: an address or a host name)"),
                wrong(
                        "shutdown",
                        of("drain", "PT61S"),
                        "shutdown.drain: \"PT61S\" (expected: an ISO 8601 duration, PT0S..PT1M)"),
                wrong(
                        "subscriber",
                        of("maxLifetime", "never"),
                        "subscriber.maxLifetime: \"never\" (expected: an ISO 8601 duration, PT0S..PT8760H)"),
                wrong("retry", "PT-1S", "retry: \"PT-1S\" (expected: an ISO 8601 duration, PT0S..PT1H)"),
                wrong(
                        "channels",
                        news(of("publish", "yes")),
                        "channels./news.publish: \"yes\" (expected: true or false)"),
                wrong(
                        "channels",
                        news(of("keep", new JsonObject())),
                        "channels./news.keep: {} (expected: events, age" + " or both)"),
                wrong(
                        "channels",
                        news(of("keep", of("events", 0))),
                        "channels./news.keep.events: 0 (expected:" + " 1..2147483647)"),
                wrong(
                        "channels",
                        news(of("keep", of("age", "1d"))),
                        "channels./news.keep.age: \"1d\" (expected: an ISO" + " 8601 duration, PT1S..PT8784000H)"),
                wrong(
                        "channels",
                        news(of("keep", of("evnts", 1).put("age", "PT1H"))),
                        "channels./news.keep.evnts:" + " unknown (did you mean events?)"),
                wrong(
                        "channels",
                        of("/a/../b", new JsonObject()),
                        "channels./a/../b: {} (expected: a name that is " + ChannelPattern.EXPECTED + ")"),
                wrong(
                        "channels",
                        of("/a/:x", new JsonObject()).put("/a/b", new JsonObject()),
                        "channels./a/b: collides with /a/:x, of which some channel would be too"),
                wrong(
                        "channels",
                        of("/:x/b", new JsonObject()).put("/a/:y", new JsonObject()),
                        "channels./a/:y: collides with /:x/b, of which some channel would be too"),
                wrong(
                        "channels",
                        of("/index.html", new JsonObject()),
                        "channels./index.html: collides with /index.html, a file of the webroot"),
                wrong(
                        "channels",
                        of("/a/:x", of("source", of("verticle", CLOCK))),
                        "channels./a/:x.source:"
                                + " {\"verticle\":\"" + CLOCK
                                + "\"} (expected: none: it would not know to which channel of"
                                + " /a/:x)"),
                wrong(
                        "publish",
                        of("tokens", new JsonArray().add("short secret")),
                        "publish.tokens[0]: not shown (expected: at least 16 characters of a bearer token (RFC 6750,"
                                + " 2.1))"),
                wrong(
                        "publish",
                        of("tokens", "a-secret-that-is-no-list"),
                        "publish.tokens: not shown (expected: a list)"),
                wrong("publish", of("maxBytes", 0), "publish.maxBytes: 0 (expected: 1..16777216)"),
                wrong("publish", of("maxBatchEvents", 0), "publish.maxBatchEvents: 0 (expected: 1..1000000)"),
                wrong(
                        "publish",
                        of("idempotencyWindow", "PT0S"),
                        "publish.idempotencyWindow: not shown (expected: an ISO" + " 8601 duration, PT1S..PT168H)"),
                wrong("subscriber", of("queueBytes", 1), "subscriber.queueBytes: 1 (expected: 1024..67108864)"),
                wrong(
                        "subscriber",
                        of("stallTimeout", "PT0S"),
                        "subscriber.stallTimeout: \"PT0S\" (expected: an ISO" + " 8601 duration, PT0.1S..PT1H)"),
                wrong("log", of("store", "mysql"), "log.store: \"mysql\" (expected: \"memory\" or \"sqlite\")"),
                wrong("log", of("file", " "), "log.file: \" \" (expected: a path without a question mark)"),
                wrong("console", of("format", "JSON"), "console.format: \"JSON\" (expected: \"text\" or \"json\")"),
                wrong(
                        "console",
                        of("level", "trace"),
                        "console.level: \"trace\" (expected: \"error\", \"warn\", \"info\" or \"debug\")"),
                wrong("console", of("access", "on"), "console.access: \"on\" (expected: true or false)"),
                wrong("prot", 3000, "prot: unknown (did you mean port?)"),
                wrong("Heartbeat", "PT1S", "Heartbeat: unknown (did you mean heartbeat?)"));
    }

    private static Arguments wrong(String key, Object value, String... problems) {
        return Arguments.of(of(key, value), List.of(problems));
    }

    private static JsonObject of(String key, Object value) {
        return new JsonObject().put(key, value);
    }

    private static JsonObject news(JsonObject channel) {
        return of("/news", channel);
    }

    @ParameterizedTest
    @MethodSource
    void aWrongValueIsToldWithItsKeyAndWhatIsExpected(JsonObject json, List<String> problems) {
        assertEquals(problems, problems(json));
    }

    @Test
    void aKeyIsForTheOneAlgorithmOfItsKindAndStrongEnough(@TempDir Path folder) throws Exception {
        for (String algorithm : List.of("RS256", "ES256", "EdDSA")) {
            String file = SigningKey.of(algorithm).pemIn(folder).toString();
            Conf conf = read(of("jwt", of("keys", new JsonArray().add(file))));
            assertEquals(algorithm, conf.jwt().keys().get(0).algorithm());
        }
        for (SigningKey weak : List.of(SigningKey.pair("RS256", "RSA", 1024), SigningKey.pair("ES256", "EC", 384))) {
            String file = weak.pemIn(folder).toString();
            assertEquals(
                    List.of("jwt.keys[0]: \"" + file + "\" (expected: " + PemKey.EXPECTED + ")"),
                    problems(of("jwt", of("keys", new JsonArray().add(file)))));
        }
    }

    @Test
    void aFamilyAndItsMembersAreFound() {
        Conf conf = read(of(
                "channels",
                of("/orders/:id", of("publish", true))
                        .put("/orders", new JsonObject())
                        .put("/a/:b/c", new JsonObject())));
        assertTrue(find(conf, "/orders/42").publish());
        assertTrue(find(conf, "/orders/:id").publish());
        assertEquals(false, find(conf, "/orders").publish());
        assertEquals(false, find(conf, "/a/x/c").publish());
        for (String none : List.of("/orders/4/2", "/:x/42", "/a/x/d", "/a/c", "/:o")) {
            assertTrue(conf.channels().find(new ChannelName(none)).isEmpty(), none);
        }
    }

    private static ChannelConf find(Conf conf, String name) {
        return conf.channels().find(new ChannelName(name)).orElseThrow();
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
    void tokensAreShownToNobody() {
        String secret = "a-secret-of-the-tests";
        var tokens = of("tokens", new JsonArray().add(secret));
        Conf conf = read(of("publish", tokens).put("read", tokens));
        assertEquals(List.of(secret), conf.publish().tokens());
        assertEquals(List.of(secret), conf.read().tokens());
        assertEquals(false, conf.toString().contains(secret));
    }

    @Test
    void soAreSecretsOfJwts() {
        String secret = "a secret of the tests, of 32 bytes and more";
        Conf conf = read(of("jwt", of("secrets", new JsonArray().add(secret))));
        assertEquals(List.of(secret), conf.jwt().secrets());
        assertEquals(false, conf.toString().contains(secret));
    }

    @Test
    void whatNobodyCouldReadIsRefused() {
        assertEquals(
                List.of("read.tokens: none (expected: one, or jwt, since there are channels that are read with a"
                        + " token)"),
                problems(of("channels", news(of("read", "token")))));
    }

    @Test
    void allProblemsAreToldAtOnce() {
        assertEquals(
                3,
                problems(of("port", 70000).put("heartbeat", 1).put("hots", "x")).size());
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
        assertEquals(List.of(origin), read(cors(origin)).cors().origins());
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
                "https://user@example.com",
                "https://example.com?x",
                "https://example.com#x",
                "ftp://example.com",
                "null",
                "https://"
            })
    void whatABrowserNeverSendsAsAnOriginIsRefused(String origin) {
        List<String> problems = problems(cors(origin));
        assertEquals(
                List.of("cors.origins[0]: \"" + origin
                        + "\" (expected: an origin such as https://example.com, or \"*\" alone)"),
                problems);
    }

    @Test
    void anyOriginStandsAlone() {
        assertEquals(
                List.of("cors.origins: [\"*\",\"https://a.example\"] (expected: \"*\" alone, or a list without it)"),
                problems(cors("*", "https://a.example")));
    }

    private static JsonObject cors(String... origins) {
        return of("cors", of("origins", new JsonArray(List.of(origins))));
    }

    @Test
    void whatIsGivenIsLaidOverTheBase() {
        JsonObject conf = ConfFile.baseWith("{\"port\": 8081, \"channels\": {\"/news\": {\"keep\": \"latest\"}}}");
        assertEquals(8081, conf.getInteger("port"));
        assertEquals("PT4S", conf.getString("heartbeat"));
        assertEquals(
                List.of("/currentTime", "/news"),
                List.copyOf(conf.getJsonObject("channels").fieldNames()));
    }

    @Test
    void nullTakesAway() {
        JsonObject conf = ConfFile.baseWith(" {\"channels\": {\"/currentTime\": null}}");
        assertTrue(read(conf).channels().declared().isEmpty());
    }

    @Test
    void aFileIsReadByItsPath(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("my.json"), "{\"port\": 8082}");
        assertEquals(8082, ConfFile.baseWith(file.toString()).getInteger("port"));
    }

    @ParameterizedTest
    @MethodSource
    void malformedJsonIsToldWithLineAndColumn(String json, String place) {
        var e = assertThrows(ConfException.class, () -> ConfFile.baseWith(json));
        assertEquals(1, e.problems().size());
        assertTrue(e.getMessage().startsWith("conf: " + place + ": "), e.getMessage());
        assertTrue(e.getMessage().endsWith(" (expected: a JSON object)"), e.getMessage());
    }

    static Stream<Arguments> malformedJsonIsToldWithLineAndColumn() {
        return Stream.of(
                Arguments.of("{\n  \"port\": 1,\n  oops\n}", "line 3, column 3"),
                Arguments.of("{\"port\": 1", "line 1, column 11"),
                Arguments.of("{\"port\": 1} {}", "line 1, column 13"),
                Arguments.of("{\"port\": 1,\n\"port\": 2}", "line 2, column 7"));
    }

    @Test
    void aFileThatCannotBeReadIsToldByItsName(@TempDir Path folder) throws Exception {
        assertEquals(
                "conf: no/such.json: no such file (expected: a readable file with a JSON object)",
                assertThrows(ConfException.class, () -> ConfFile.baseWith("no/such.json"))
                        .getMessage());
        assertEquals(
                "conf: " + folder + ": Is a directory (expected: a readable file with a JSON object)",
                assertThrows(ConfException.class, () -> ConfFile.baseWith(folder.toString()))
                        .getMessage());
        Path list = Files.writeString(folder.resolve("list.json"), "[1]");
        String message = assertThrows(ConfException.class, () -> ConfFile.baseWith(list.toString()))
                .getMessage();
        assertTrue(message.startsWith("conf: " + list + ": line 1, column 1: "), message);
    }

    /** Would take too long if each channel were compared with each other. */
    @Test
    @Timeout(30)
    void tensOfThousandsOfChannelsAreReadQuickly() {
        var channels = new JsonObject();
        for (int i = 0; i < 10_000; i++) {
            channels.put("/channel/" + i, new JsonObject());
            channels.put("/family/" + i + "/:id", new JsonObject());
        }
        Channels read = read(new JsonObject().put("channels", channels)).channels();
        assertEquals(20_000, read.declared().size());
        for (int i = 0; i < 10_000; i++) {
            var family = new ChannelPattern(new ChannelName("/family/" + i + "/:id"));
            assertEquals(Optional.of(family), read.declaration(new ChannelName("/family/" + i + "/42")));
        }
        assertEquals(Optional.empty(), read.find(new ChannelName("/family/42")));
    }

    @Test
    void aPatternWithSeveralParametersCollidesWithEveryOverlappingPattern() {
        var channels = new JsonObject()
                .put("/a/:x/c", new JsonObject())
                .put("/a/b/:y", new JsonObject())
                .put("/:z/b/c", new JsonObject())
                .put("/a/b", new JsonObject());
        var problems = assertThrows(ConfException.class, () -> read(new JsonObject().put("channels", channels)));
        assertEquals(
                List.of(
                        "channels./a/b/:y: collides with /a/:x/c, of which some channel would be too",
                        "channels./:z/b/c: collides with /a/b/:y, of which some channel would be too",
                        "channels./:z/b/c: collides with /a/:x/c, of which some channel would be too"),
                problems.problems());
    }
}
