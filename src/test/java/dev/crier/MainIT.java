package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import dev.crier.testing.SigningKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The jar from outside: where it finds what it needs, and how it starts, fails and stops. */
class MainIT {

    @TempDir
    private Path folder;

    private static void assertServesTheTime(int port) throws IOException {
        try (var client = RawClient.request(port, "GET /currentTime")) {
            client.head();
            assertEquals("retry: 2000\n", client.chunk());
            String event = client.chunk();
            assertTrue(event.matches("data: \\d{1,2}:\\d\\d:\\d\\d [AP]M\n\n"), event);
        }
    }

    private static String get(int port, String path) throws IOException {
        try (var client = RawClient.request(port, "GET " + path, "Connection: close")) {
            return client.rest();
        }
    }

    private void assertRefused(String problem, String... arguments) throws Exception {
        try (var crier = CrierProcess.start(folder, arguments)) {
            assertEquals(2, crier.exitStatus());
            assertEquals(List.of("ERROR " + problem), crier.lines());
        }
    }

    @Test
    void itRunsFromAnyFolderAndSaysSoInOneLine() throws Exception {
        try (var crier = CrierProcess.start(folder, "-conf", "{\"port\": 0}")) {
            int port = crier.port();
            assertServesTheTime(port);
            assertTrue(get(port, "/").contains("<h1 id=\"time\""));
            assertEquals(List.of("INFO  Crier is ready: http://localhost:" + port + "/"), crier.lines());
        }
    }

    @Test
    void theConfAndTheWebrootOfTheWorkingFolderWin() throws Exception {
        Files.createDirectories(folder.resolve("conf"));
        Files.createDirectories(folder.resolve("webroot"));
        Files.writeString(folder.resolve("conf/config.json"), "{\"port\": 0, \"host\": \"127.0.0.1\"}");
        Files.writeString(folder.resolve("webroot/index.html"), "mine");
        try (var crier = CrierProcess.start(folder)) {
            int port = crier.port();
            assertTrue(get(port, "/").endsWith("\r\n\r\nmine"));
            assertServesTheTime(port);
            assertEquals(List.of("INFO  Crier is ready: http://127.0.0.1:" + port + "/"), crier.lines());
        }
    }

    @Test
    void soDoThoseBesideTheJar() throws Exception {
        Path home = Files.createDirectories(folder.resolve("home"));
        Path jar = Files.copy(CrierProcess.JAR, home.resolve("crier.jar"));
        Files.createDirectories(home.resolve("conf"));
        Files.createDirectories(home.resolve("webroot"));
        Files.writeString(home.resolve("conf/config.json"), "{\"port\": 0}");
        Files.writeString(home.resolve("webroot/index.html"), "beside");
        try (var crier = CrierProcess.start(folder, List.of("-jar", jar.toString()))) {
            assertTrue(get(crier.port(), "/").endsWith("\r\n\r\nbeside"));
        }
    }

    @Test
    void aConfIsGivenByFileToo() throws Exception {
        Path file = Files.writeString(folder.resolve("my.json"), "{\"port\": 0, \"host\": \"127.0.0.1\"}");
        try (var crier = CrierProcess.start(folder, "--conf", file.toString())) {
            assertServesTheTime(crier.port());
        }
    }

    @Test
    void theLaunchersOptionsWork() throws Exception {
        try (var crier =
                CrierProcess.start(folder, "-options", "{\"eventLoopPoolSize\": 1}", "-conf", "{\"port\": 0}")) {
            assertServesTheTime(crier.port());
            if (Files.exists(Path.of("/proc/self/maps"))) {
                assertEquals(1, eventLoops(crier));
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void onLinuxTheNativeTransportIsUsed() throws Exception {
        try (var crier = CrierProcess.start(folder, "-conf", "{\"port\": 0}")) {
            crier.port();
            assertTrue(crier.maps().contains("netty_transport_native_epoll"));
        }
    }

    @Test
    void whatIsWrongOnTheCommandLineIsToldInOneLine() throws Exception {
        String conf = "-conf: without a value, or twice (expected: once, with a file or a JSON object)";
        assertRefused(conf, "-conf");
        assertRefused(conf, "-conf=");
        assertRefused(conf, "-conf=none.json", "-CONF", "{}");
        assertRefused(conf, "-conf", "{}", "--conf", "{}");
        assertRefused("conf.json: unknown (expected: options, such as -conf FILE)", "conf.json");
        try (var crier = CrierProcess.start(folder, "-options", "{")) {
            assertEquals(2, crier.exitStatus());
            assertEquals(
                    "ERROR -options: not readable (expected: a JSON object, or a file with one)",
                    crier.lines().get(crier.lines().size() - 1)); // after the launcher's own warning
        }
        assertRefused(
                "-options: eventLoopPoolSize must be > 0 (expected: the JSON of VertxOptions)",
                "-options",
                "{\"eventLoopPoolSize\": 0}");
    }

    private static long eventLoops(CrierProcess crier) throws IOException {
        return crier.threads().stream()
                .filter(name -> name.startsWith("vert.x-eventloo"))
                .count();
    }

    @Test
    void aConfigurationFileOfLogbackIsFollowedInstead() throws Exception {
        Path file = folder.resolve("lines.xml");
        Files.writeString(
                file,
                "<configuration><appender name='all' class='ch.qos.logback.core.ConsoleAppender'><encoder>"
                        + "<pattern>mine %msg%n</pattern></encoder></appender>"
                        + "<root level='info'><appender-ref ref='all'/></root></configuration>");
        var options = List.of("-Dlogback.configurationFile=" + file, "-jar", CrierProcess.JAR.toString());
        try (var crier = CrierProcess.start(folder, options, "--conf={\"port\": 0}")) {
            String ready = "mine Crier is ready: http://localhost:" + crier.port() + "/";
            assertTrue(crier.output().lines().anyMatch(ready::equals), crier::output);
        }
    }

    @Test
    void anyoneAddsASourceOnTheClassPath() throws Exception {
        String conf = "{\"port\": 0, \"channels\": {\"/greeting\": {\"keep\": \"latest\", \"source\":"
                + " {\"verticle\": \"org.example.GreetingVerticle\", \"config\": {\"greeting\": \"hello\"}}}}}";
        var classPath = CrierProcess.JAR
                + System.getProperty("path.separator")
                + Path.of("target/test-classes").toAbsolutePath();
        try (var crier = CrierProcess.start(folder, List.of("-cp", classPath, "dev.crier.Main"), "-conf", conf)) {
            try (var client = RawClient.request(crier.port(), "GET /greeting")) {
                client.head();
                assertEquals("retry: 2000\n", client.chunk());
                assertEquals("data: hello\n\n", client.chunk());
            }
        }
    }

    @Test
    void aWrongConfEndsItWithAllProblemsOneALine() throws Exception {
        try (var crier = CrierProcess.start(folder, "-conf", "{\"port\": 70000, \"heartbeet\": \"PT1S\"}")) {
            assertEquals(2, crier.exitStatus());
            assertEquals(
                    List.of(
                            "ERROR -conf: port: 70000 (expected: 0..65535)",
                            "ERROR -conf: heartbeet: unknown (did you mean heartbeat?)"),
                    crier.lines());
        }
    }

    @Test
    void aConfigurationProblemNamesItsFile() throws Exception {
        Path base = Files.createDirectories(folder.resolve("conf")).resolve("config.json");
        Files.writeString(base, "{\"port\": 70000, \"retry\": 1, \"database\": {}, \"heartbeat\": 1}");
        Path given = Files.writeString(folder.resolve("my.json"), "{\"retry\": 2}");
        try (var crier = CrierProcess.start(folder, "-conf", given.toString())) {
            assertEquals(2, crier.exitStatus());
            String real = base.toRealPath().toString();
            assertEquals(
                    List.of(
                            "ERROR " + real + ": port: 70000 (expected: 0..65535)",
                            "ERROR " + real + ": heartbeat: 1 (expected: an ISO 8601 duration, PT0.1S..PT1H)",
                            "ERROR " + given + ": retry: 2 (expected: an ISO 8601 duration, PT0S..PT1H)",
                            "ERROR " + real + ": database: unknown (did you mean tls?)"),
                    crier.lines());
        }
    }

    @Test
    void jsonThatIsTooLargeIsAConfigurationProblem() throws Exception {
        Path deep = Files.writeString(folder.resolve("deep.json"), "{\"port\": " + "[".repeat(5_000));
        Path number = Files.writeString(folder.resolve("number.json"), "{\"port\": " + "9".repeat(5_000) + "}");
        for (Path file : List.of(deep, number)) {
            try (var crier = CrierProcess.start(folder, "-conf", file.toString())) {
                assertEquals(2, crier.exitStatus());
                assertEquals(1, crier.lines().size(), crier.output());
                String line = crier.lines().get(0);
                assertTrue(line.startsWith("ERROR conf: " + file + ": "), line);
                assertTrue(line.endsWith("nested too deep, or too long (expected: a JSON object)"), line);
            }
        }
    }

    @Test
    void versionOptionPrintsTheVersion() throws Exception {
        for (String option : List.of("-version", "--version")) {
            try (var crier = CrierProcess.start(folder, option)) {
                assertEquals(0, crier.exitStatus());
                assertTrue(crier.output().matches("Crier \\d+\\.\\d+\\.\\d+\\S*\\R"), crier.output());
            }
        }
    }

    @Test
    void aLogFileNamedLikeSqlitesMemoryIsAFile() throws Exception {
        String conf = "{\"port\": 0, \"log\": {\"store\": \"sqlite\", \"file\": \":memory:\"}}";
        try (var crier = CrierProcess.start(folder, "-conf", conf)) {
            crier.port();
            assertTrue(Files.exists(folder.resolve(":memory:")));
        }
    }

    /** In the C locale, Java replaces each byte that is not ASCII, in arguments and in the environment. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void withoutALocaleChannelNamesAndSecretsAreUtf8() throws Exception {
        String secret = "ein Geheimnis von vielen \u00fc\u00f6\u00e4, lang genug";
        String conf = "{\"port\": 0, \"host\": \"127.0.0.1\", \"channels\": {\"/\u00e9\": {\"read\": \"token\"}}}";
        var crier = withoutLocale(secret, conf);
        try (var output = crier.inputReader()) {
            String ready = output.readLine();
            assertTrue(ready.contains("Crier is ready"), ready);
            int port = Integer.parseInt(ready.replaceFirst(".*:(\\d+)/", "$1"));
            String jwt = SigningKey.secret(secret)
                    .sign(new JsonObject()
                            .put("exp", System.currentTimeMillis() / 1000 + 600)
                            .put("crier", new JsonObject().put("read", new JsonArray().add("/\u00e9"))));
            try (var client = RawClient.request(port, "GET /%C3%A9", "Authorization: Bearer " + jwt)) {
                assertEquals("HTTP/1.1 200 OK", client.head().get(0));
            }
        } finally {
            crier.destroyForcibly();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFileNameThatTheLocaleCannotExpressIsReported() throws Exception {
        var crier = withoutLocale("a secret of 32 characters or more", "\u00e9.json");
        try (var output = crier.inputReader(StandardCharsets.UTF_8)) {
            List<String> lines = output.lines().toList();
            assertEquals(2, crier.waitFor());
            assertTrue(lines.get(0).contains("conf: \u00e9.json: "), lines::toString);
            assertTrue(lines.get(1).endsWith("(expected: a locale such as LC_ALL=C.UTF-8)"), lines::toString);
            assertEquals(2, lines.size());
        } finally {
            crier.destroyForcibly();
        }
    }

    /** Started by a shell, because the locale of the tests may not be able to express the arguments either. */
    private Process withoutLocale(String secret, String conf) throws IOException {
        String script =
                "CRIER_JWT_SECRET=$(printf '%s'); export CRIER_JWT_SECRET; exec '%s' -jar '%s' -conf \"$(printf '%s')\""
                        .formatted(
                                octal(secret),
                                Path.of(System.getProperty("java.home"), "bin", "java"),
                                CrierProcess.JAR,
                                octal(conf));
        var builder = new ProcessBuilder("sh", "-c", script).directory(folder.toFile());
        builder.environment().put("LC_ALL", "C");
        return builder.start();
    }

    private static String octal(String text) {
        var octal = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            octal.append("\\%03o".formatted(b & 0xff));
        }
        return octal.toString();
    }

    @Test
    void malformedJsonEndsItWithThePlace() throws Exception {
        try (var crier = CrierProcess.start(folder, "-conf", "{\"port\": ,}")) {
            assertEquals(2, crier.exitStatus());
            assertEquals(1, crier.lines().size());
            assertTrue(crier.lines().get(0).startsWith("ERROR conf: line 1, column 10: "), crier.output());
        }
    }

    @Test
    void aFileThatIsNotThereEndsIt() throws Exception {
        assertRefused(
                "conf: none.json: no such file (expected: a readable file with a JSON object)", "-conf", "none.json");
    }

    @Test
    void aVerticleThatDoesNotExistEndsIt() throws Exception {
        assertRefused(
                "-conf: channels./x.source.verticle: \"js:none\" (expected: a verticle's name, such as a class on the class path with a constructor without arguments)",
                "-conf",
                "{\"port\": 0, \"channels\": {\"/x\": {\"source\": {\"verticle\": \"js:none\"}}}}");
    }

    @Test
    void soDoSeveralAndAllAreTold() throws Exception {
        try (var crier = CrierProcess.start(
                folder,
                "-conf",
                "{\"port\": 0, \"channels\": {\"/x\": {\"source\": {\"verticle\": \"js:x\"}}, \"/y\": {\"source\":"
                        + " {\"verticle\": \"js:y\"}}}}")) {
            assertEquals(2, crier.exitStatus());
            assertEquals(2, crier.lines().size(), crier.output());
            assertTrue(crier.output().contains("./x.source.verticle: \"js:x\" (expected: "), crier.output());
            assertTrue(crier.output().contains("./y.source.verticle: \"js:y\" (expected: "), crier.output());
        }
    }

    @Test
    void moreThanOneInstanceIsRefused() throws Exception {
        assertRefused(
                "-instances: 2 (expected: 1; Crier uses every event loop by itself)",
                "-instances",
                "2",
                "-conf",
                "{\"port\": 0}");
    }

    @Test
    void aPortInUseEndsItWithOneSentence() throws Exception {
        try (var first = CrierProcess.start(folder, "-conf", "{\"port\": 0}")) {
            int port = first.port();
            try (var second = CrierProcess.start(folder, "-conf", "{\"port\": " + port + "}")) {
                assertEquals(2, second.exitStatus());
                assertEquals(1, second.lines().size(), second.output());
                String line = second.lines().get(0);
                assertTrue(line.startsWith("ERROR -conf: port: " + port + " on 0.0.0.0: "), line);
                assertTrue(
                        line.endsWith("Address already in use (expected: an address and a port that are free)"), line);
            }
        }
    }

    @Test
    void itStopsWhenItIsTold() throws Exception {
        try (var crier = CrierProcess.start(folder, "-conf", "{\"port\": 0}")) {
            crier.port();
            crier.terminate();
            assertEquals(0, crier.exitStatus());
            assertEquals(
                    List.of("INFO  Crier stops; streams that it ends, within PT5S: 0", "INFO  Crier has stopped"),
                    crier.lines().subList(1, 3));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void fromTheKeyboardItStopsAtOnceWhoeverReads() throws Exception {
        assumeInterruptible();
        try (var crier = CrierProcess.start(folder, "-conf", "{\"port\": 0, \"shutdown\": {\"drain\": \"PT1M\"}}");
                var client = RawClient.request(crier.port(), "GET /currentTime")) {
            client.head();
            client.chunk();
            crier.interrupt();
            assertEquals(130, crier.exitStatus());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void soItDoesInTheMiddleOfACalmEnd() throws Exception {
        assumeInterruptible();
        try (var crier = CrierProcess.start(folder, "-conf", "{\"port\": 0, \"shutdown\": {\"drain\": \"PT1M\"}}");
                var first = RawClient.request(crier.port(), "GET /currentTime");
                var second = RawClient.request(crier.port(), "GET /currentTime")) {
            first.head();
            second.head();
            crier.terminate();
            Eventually.until("it stops", () -> crier.output().contains("Crier stops"));
            crier.interrupt();
            assertEquals(0, crier.exitStatus());
        }
    }

    /** Who is started in the background by some shells ignores the keyboard, and so do all that it starts. */
    private static void assumeInterruptible() throws IOException {
        String ignored = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .findFirst()
                .orElseThrow();
        assumeTrue((Long.parseUnsignedLong(ignored.substring("SigIgn:".length()).strip(), 16) & 2) == 0);
    }

    private static final String NEWS =
            "{\"port\": 0, \"channels\": {\"/news\": {\"keep\": {\"events\": 100}, \"publish\": true}}%s}";

    private static String publish(int port, String token) throws IOException {
        try (var client = RawClient.request(
                port, "POST /news", "Authorization: Bearer " + token, "Content-Length: 2", "Connection: close")) {
            client.send("hi");
            return client.head().get(0);
        }
    }

    @Test
    void withoutATokenOneIsMadeAndToldOnce() throws Exception {
        try (var crier = CrierProcess.start(folder, "-conf", NEWS.formatted(""))) {
            int port = crier.port();
            List<String> lines = crier.lines();
            assertEquals(2, lines.size(), crier.output());
            String token = lines.get(0).replaceFirst(".*: ", "");
            assertTrue(token.length() >= 32, lines.get(0));
            assertEquals("HTTP/1.1 201 Created", publish(port, token));
            assertEquals("HTTP/1.1 401 Unauthorized", publish(port, "something-else-0123"));
            assertEquals(lines, crier.lines());
        }
    }

    @Test
    void aTokenIsTakenFromTheEnvironment() throws Exception {
        String token = "a-token-of-the-environment";
        try (var crier = CrierProcess.start(
                folder,
                Map.of("CRIER_PUBLISH_TOKEN", token),
                List.of("-jar", CrierProcess.JAR.toString()),
                "-conf",
                NEWS.formatted(""))) {
            assertEquals("HTTP/1.1 201 Created", publish(crier.port(), token));
            assertEquals(1, crier.lines().size(), crier.output());
        }
        try (var crier = CrierProcess.start(
                folder, Map.of("CRIER_PUBLISH_TOKEN", "short"), List.of("-jar", CrierProcess.JAR.toString()))) {
            assertEquals(2, crier.exitStatus());
            assertEquals(
                    List.of("ERROR CRIER_PUBLISH_TOKEN: not shown (expected: at least 16 characters of a bearer token"
                            + " (RFC 6750, 2.1))"),
                    crier.lines());
        }
    }

    @Test
    void soAreThoseOfReadersAndTheSecretOfJwts() throws Exception {
        SigningKey key = SigningKey.secret("a secret of the environment, long enough");
        String jwt = key.sign(new JsonObject()
                .put("exp", System.currentTimeMillis() / 1000 + 600)
                .put("crier", new JsonObject().put("read", new JsonArray().add("/news"))));
        try (var crier = CrierProcess.start(
                folder,
                Map.of("CRIER_READ_TOKEN", "a-token-of-readers", "CRIER_JWT_SECRET", key.text()),
                List.of("-jar", CrierProcess.JAR.toString()),
                "-conf",
                "{\"port\": 0, \"channels\": {\"/news\": {\"read\": \"token\", \"publish\": true}}}")) {
            for (String token : List.of("a-token-of-readers", jwt)) {
                try (var client = RawClient.request(crier.port(), "GET /news", "Authorization: Bearer " + token)) {
                    assertEquals("HTTP/1.1 200 OK", client.head().get(0));
                }
            }
            assertEquals(1, crier.lines().size(), crier.output());
        }
        try (var crier = CrierProcess.start(
                folder,
                Map.of("CRIER_READ_TOKEN", "short", "CRIER_JWT_SECRET", "short too"),
                List.of("-jar", CrierProcess.JAR.toString()))) {
            assertEquals(2, crier.exitStatus());
            assertEquals(
                    List.of(
                            "ERROR CRIER_READ_TOKEN: not shown (expected: at least 16 characters of a bearer token"
                                    + " (RFC 6750, 2.1))",
                            "ERROR CRIER_JWT_SECRET: not shown (expected: a secret of at least 32 bytes)"),
                    crier.lines());
        }
    }

    @Test
    void aLogThatIsNoneEndsItWithOneSentence() throws Exception {
        Path file = Files.writeString(folder.resolve("notes.txt"), "some notes\n");
        assertRefused(
                "-conf: log.file: notes.txt: not an SQLite file (expected: a Crier log, or no file yet)",
                "-conf",
                NEWS.formatted(", \"log\": {\"store\": \"sqlite\", \"file\": \"notes.txt\"}"));
        assertEquals("some notes\n", Files.readString(file));
    }

    /** Has a status of its own because, unlike a wrong configuration, it may pass. */
    @Test
    void aLogThatAnotherCrierUsesEndsTheStartWithOneSentence() throws Exception {
        String conf = NEWS.formatted(", \"log\": {\"store\": \"sqlite\"}");
        try (var first = CrierProcess.start(folder, "-conf", conf)) {
            first.port();
            try (var second = CrierProcess.start(folder, "-conf", conf)) {
                assertEquals(1, second.exitStatus());
                assertEquals(
                        List.of("ERROR log.file: data/crier.db: in use by another Crier (expected: one at a time)"),
                        second.lines());
            }
        }
    }

    /** The kernel lets the process write no file beyond a size, as a full disk would; and then again it does. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskRefusesPublicationsAndAllGoesOnAfterwards() throws Exception {
        String token = "a-token-of-the-tests";
        String conf = NEWS.formatted(", \"log\": {\"store\": \"sqlite\"}, \"publish\": {\"tokens\": [\"" + token
                + "\"]}, \"management\": {\"port\": 0}");
        try (var crier = CrierProcess.start(folder, "-conf", conf)) {
            int port = crier.port();
            int management = Integer.parseInt(crier.lines()
                    .get(0)
                    .replaceFirst("INFO  Health checks are served at http://127.0.0.1:(\\d+)/health", "$1"));
            assertTrue(get(management, "/health/ready").startsWith("HTTP/1.1 200 OK\r\n"));
            assertEquals("HTTP/1.1 201 Created", publish(port, token));
            try (var reader = RawClient.request(port, "GET /news")) {
                reader.head();
                reader.chunk();
                crier.limitFiles("8192");
                assertEquals("HTTP/1.1 503 Service Unavailable", publish(port, token));
                assertEquals("HTTP/1.1 503 Service Unavailable", publish(port, token));
                assertTrue(get(management, "/health/ready")
                        .endsWith("{\"status\":\"DOWN\",\"reason\":\"the log cannot store\"}"));
                try (var refused =
                        RawClient.request(port, "POST /news", "Authorization: Bearer " + token, "Content-Length: 0")) {
                    assertEquals(
                            "5", refused.header(refused.head(), "Retry-After").orElse(""));
                }
                assertEquals(
                        1,
                        crier.lines().stream()
                                .filter(line -> line.startsWith("ERROR The log cannot store"))
                                .count(),
                        crier.output());
                crier.limitFiles("unlimited");
                // nobody publishes to who is not ready: so it finds out by itself
                Eventually.until(
                        () -> "ready again: " + crier.output(),
                        () -> get(management, "/health/ready").startsWith("HTTP/1.1 200 OK\r\n"));
                assertEquals(
                        "INFO  The log stores again",
                        crier.lines().get(crier.lines().size() - 1));
                assertEquals("HTTP/1.1 201 Created", publish(port, token));
                assertTrue(reader.chunk().startsWith("data: hi\nid: "));
            }
        }
    }
}
