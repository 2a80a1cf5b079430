package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start that fails exits with a status and logs each problem in one line. */
class FailedStartIT {

    @TempDir
    private Path folder;

    /** Starts Crier with these arguments and expects that it logs exactly these problems. */
    private void assertRejected(List<String> problems, String... arguments) throws Exception {
        try (var crier = CrierProcess.start(folder, arguments)) {
            assertEquals(2, crier.exitStatus());
            assertEquals(problems.stream().map(problem -> "ERROR " + problem).toList(), crier.lines());
        }
    }

    @Test
    void aCommandLineMistakeIsReported() throws Exception {
        assertRejected(List.of("conf.json: unknown (expected: options, such as -conf FILE)"), "conf.json");
    }

    @Test
    void wrongOptionsOfVertxAreReported() throws Exception {
        try (var crier = CrierProcess.start(folder, "-options", "{")) {
            assertEquals(2, crier.exitStatus());
            assertEquals(
                    "ERROR -options: not readable (expected: a JSON object, or a file with one)",
                    crier.lines().get(crier.lines().size() - 1)); // after a warning of the launcher
        }
        assertRejected(
                List.of("-options: eventLoopPoolSize must be > 0 (expected: the JSON of VertxOptions)"),
                "-options",
                "{\"eventLoopPoolSize\": 0}");
    }

    @Test
    void moreThanOneInstanceIsRejected() throws Exception {
        assertRejected(
                List.of("-instances: 2 (expected: 1; Crier uses every event loop by itself)"),
                "-instances",
                "2",
                "-conf",
                "{\"port\": 0}");
    }

    @Test
    void allConfigurationProblemsAreReported() throws Exception {
        assertRejected(
                List.of(
                        "-conf: port: 70000 (expected: 0..65535)",
                        "-conf: heartbeet: unknown key (expected: heartbeat)"),
                "-conf",
                """
                {
                  "port": 70000,
                  "heartbeet": "PT1S"
                }""");
    }

    @Test
    void aConfigurationProblemNamesItsFile() throws Exception {
        Path base = Files.createDirectories(folder.resolve("conf")).resolve("config.json");
        Files.writeString(base, """
                {
                  "port": 70000,
                  "retry": 1,
                  "database": {},
                  "heartbeat": 1
                }""");
        Path given = Files.writeString(folder.resolve("my.json"), "{\"retry\": 2}");
        String real = base.toRealPath().toString();
        assertRejected(
                List.of(
                        real + ": port: 70000 (expected: 0..65535)",
                        real + ": heartbeat: 1 (expected: an ISO 8601 duration, PT0.1S..PT1H)",
                        given + ": retry: 2 (expected: an ISO 8601 duration, PT0S..PT1H)",
                        real + ": database: unknown key (expected: host, port, tls, http, limits, trustedProxies, cors,"
                                + " webroot, heartbeat, retry, channels, subscribe, publish, read, jwt, subscriber, log, console,"
                                + " management, eventBus, shutdown)"),
                "-conf",
                given.toString());
    }

    @Test
    void jsonThatIsTooDeepOrTooLongIsReported() throws Exception {
        Path deep = Files.writeString(folder.resolve("deep.json"), "{\"port\": " + "[".repeat(5_000));
        Path number = Files.writeString(folder.resolve("number.json"), "{\"port\": " + "9".repeat(5_000) + "}");
        for (Path file : List.of(deep, number)) {
            try (var crier = CrierProcess.start(folder, "-conf", file.toString())) {
                assertEquals(2, crier.exitStatus());
                assertEquals(1, crier.lines().size(), crier.output());
                String line = crier.lines().get(0);
                assertTrue(line.startsWith("ERROR " + file + ": "), line);
                assertTrue(line.endsWith("nested too deeply, or too long (expected: a JSON object)"), line);
            }
        }
    }

    @Test
    void malformedJsonIsReportedWithLineAndColumn() throws Exception {
        try (var crier = CrierProcess.start(folder, "-conf", "{\"port\": ,}")) {
            assertEquals(2, crier.exitStatus());
            assertEquals(1, crier.lines().size());
            assertTrue(crier.lines().get(0).startsWith("ERROR -conf: line 1, column 10: "), crier.output());
        }
    }

    @Test
    void aMissingConfigurationFileIsReported() throws Exception {
        assertRejected(
                List.of("none.json: no such file (expected: a readable file with a JSON object)"),
                "-conf",
                "none.json");
    }

    @Test
    void allMissingVerticlesAreReported() throws Exception {
        String expected =
                " (expected: the name of a verticle, such as a class on the class path with a public constructor without"
                        + " parameters; no verticle factory for another language is there)";
        try (var crier = CrierProcess.start(folder, "-conf", """
                {
                  "port": 0,
                  "channels": {
                    "/x": {"source": {"verticle": "js:x"}},
                    "/y": {"source": {"verticle": "js:y"}}
                  }
                }""")) {
            assertEquals(2, crier.exitStatus());
            assertEquals(
                    List.of(
                            "ERROR -conf: channels./x.source.verticle: \"js:x\"" + expected,
                            "ERROR -conf: channels./y.source.verticle: \"js:y\"" + expected),
                    crier.lines().stream().sorted().toList());
        }
    }

    @Test
    void aPortInUseIsReported() throws Exception {
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
    void aLogFileThatIsNotSqliteIsReportedAndUnchanged() throws Exception {
        Path file = Files.writeString(folder.resolve("notes.txt"), "some notes\n");
        assertRejected(
                List.of("-conf: log.file: notes.txt: not an SQLite file (expected: a Crier log, or no file yet)"),
                "-conf",
                """
                {
                  "port": 0,
                  "log": {"store": "sqlite", "file": "notes.txt"}
                }""");
        assertEquals("some notes\n", Files.readString(file));
    }

    /** Has a status of its own because, unlike a wrong configuration, it may pass. */
    @Test
    void aLogInUseByAnotherCrierIsReported() throws Exception {
        String configuration = """
                {
                  "port": 0,
                  "log": {"store": "sqlite"}
                }""";
        try (var first = CrierProcess.start(folder, "-conf", configuration)) {
            first.port();
            try (var second = CrierProcess.start(folder, "-conf", configuration)) {
                assertEquals(1, second.exitStatus());
                assertEquals(
                        List.of("ERROR log.file: data/crier.db: in use by another Crier (expected: one at a time)"),
                        second.lines());
            }
        }
    }
}
