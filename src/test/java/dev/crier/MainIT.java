package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** How the jar starts and stops, and where it finds its configuration and its pages. */
class MainIT {

    private static final String ANY_PORT = "{\"port\": 0}";

    private static final String LONG_DRAIN = """
            {
              "port": 0,
              "shutdown": {"drain": "PT1M"}
            }""";

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

    @Test
    void theJarRunsFromAnyFolderAndLogsOneLine() throws Exception {
        try (var crier = CrierProcess.start(folder, "-conf", ANY_PORT)) {
            int port = crier.port();
            assertServesTheTime(port);
            assertTrue(get(port, "/").contains("<h1 id=\"time\""));
            assertEquals(List.of("INFO  Crier is ready: http://localhost:" + port + "/"), crier.lines());
        }
    }

    @Test
    void theConfigurationAndTheWebrootOfTheWorkingFolderTakePrecedence() throws Exception {
        writeConfigurationAndPage(folder, "of the working folder");
        try (var crier = CrierProcess.start(folder)) {
            int port = crier.port();
            assertTrue(get(port, "/").endsWith("\r\n\r\nof the working folder"));
            assertServesTheTime(port);
            assertEquals(List.of("INFO  Crier is ready: http://127.0.0.1:" + port + "/"), crier.lines());
        }
    }

    @Test
    void theConfigurationAndTheWebrootBesideTheJarTakePrecedenceOverItsOwn() throws Exception {
        Path home = Files.createDirectories(folder.resolve("home"));
        Path jar = Files.copy(CrierProcess.JAR, home.resolve("crier.jar"));
        writeConfigurationAndPage(home, "beside the jar");
        try (var crier = CrierProcess.start(folder, List.of("-jar", jar.toString()))) {
            assertTrue(get(crier.port(), "/").endsWith("\r\n\r\nbeside the jar"));
        }
    }

    private static void writeConfigurationAndPage(Path folder, String page) throws IOException {
        Files.createDirectories(folder.resolve("conf"));
        Files.createDirectories(folder.resolve("webroot"));
        Files.writeString(folder.resolve("conf/config.json"), "{\"port\": 0, \"host\": \"127.0.0.1\"}");
        Files.writeString(folder.resolve("webroot/index.html"), page);
    }

    @Test
    void theConfigurationMayBeAFile() throws Exception {
        Path file = Files.writeString(folder.resolve("my.json"), ANY_PORT);
        try (var crier = CrierProcess.start(folder, "--conf", file.toString())) {
            assertServesTheTime(crier.port());
        }
    }

    @Test
    void theOptionsOfVertxApply() throws Exception {
        try (var crier = CrierProcess.start(folder, "-options", "{\"eventLoopPoolSize\": 1}", "-conf", ANY_PORT)) {
            assertServesTheTime(crier.port());
            if (Files.exists(Path.of("/proc/self/task"))) {
                assertEquals(1, eventLoops(crier));
            }
        }
    }

    private static long eventLoops(CrierProcess crier) throws IOException {
        return crier.threads().stream()
                .filter(name -> name.startsWith("vert.x-eventloo"))
                .count();
    }

    @Test
    void aConfigurationFileOfLogbackReplacesTheLogFormat() throws Exception {
        Path file = Files.writeString(folder.resolve("lines.xml"), """
                <configuration>
                  <appender name='all' class='ch.qos.logback.core.ConsoleAppender'>
                    <encoder><pattern>mine %msg%n</pattern></encoder>
                  </appender>
                  <root level='info'><appender-ref ref='all'/></root>
                </configuration>""");
        var options = CrierProcess.jarWith("-Dlogback.configurationFile=" + file);
        try (var crier = CrierProcess.start(folder, options, "--conf=" + ANY_PORT)) {
            String ready = "mine Crier is ready: http://localhost:" + crier.port() + "/";
            assertTrue(crier.output().lines().anyMatch(ready::equals), crier::output);
        }
    }

    @Test
    void aSourceOnTheClassPathPublishes() throws Exception {
        try (var crier = CrierProcess.start(folder, CrierProcess.RUN_WITH_TEST_CLASSES, "-conf", """
                        {
                          "port": 0,
                          "channels": {
                            "/greeting": {
                              "keep": "latest",
                              "source": {"verticle": "org.example.GreetingVerticle", "config": {"greeting": "hello"}}
                            }
                          }
                        }""");
                var client = RawClient.request(crier.port(), "GET /greeting")) {
            client.head();
            assertEquals("retry: 2000\n", client.chunk());
            assertEquals("data: hello\n\n", client.chunk());
        }
    }

    @Test
    void theVersionOptionPrintsTheVersion() throws Exception {
        for (String option : List.of("-version", "--version")) {
            try (var crier = CrierProcess.start(folder, option)) {
                assertEquals(0, crier.exitStatus());
                assertTrue(crier.output().matches("Crier \\d+\\.\\d+\\.\\d+\\S*\\R"), crier.output());
            }
        }
    }

    @Test
    void aLogFileNamedLikeTheMemoryDatabaseOfSqliteIsAFile() throws Exception {
        try (var crier = CrierProcess.start(folder, "-conf", """
                {
                  "port": 0,
                  "log": {"store": "sqlite", "file": ":memory:"}
                }""")) {
            crier.port();
            assertTrue(Files.exists(folder.resolve(":memory:")));
        }
    }

    /** Runs without the archive of classes: its classes are verified already, and verification can load other classes. */
    @Test
    void theClassesOfUnusedStoresAreNotLoaded() throws Exception {
        Path loaded = folder.resolve("loaded.txt");
        var options = CrierProcess.jarWith("-Xshare:off", "-Xlog:class+load:file=" + loaded);
        try (var crier = CrierProcess.start(folder, options, "-conf", ANY_PORT)) {
            assertServesTheTime(crier.port());
        }
        List<String> lines = Files.readAllLines(loaded);
        assertTrue(lines.stream().anyMatch(line -> line.contains(" dev.crier.log.store.MemoryStore ")));
        List<String> unused = lines.stream()
                .filter(line ->
                        line.matches(".* (dev\\.crier\\.log\\.(redis|sqlite)|org\\.sqlite|io\\.vertx\\.redis)\\..*"))
                .toList();
        assertEquals(List.of(), unused);
    }

    @Test
    void sigtermStopsCrierWithStatusZero() throws Exception {
        try (var crier = CrierProcess.start(folder, "-conf", ANY_PORT)) {
            crier.port();
            if (System.getProperty("os.name").equals("Linux")) {
                assertTrue(crier.maps().contains("netty_transport_native_epoll"), "the native transport is used");
            }
            crier.terminate();
            assertEquals(0, crier.exitStatus());
            assertEquals(
                    List.of("INFO  Crier is stopping: it ends 0 streams within PT5S", "INFO  Crier has stopped"),
                    crier.lines().subList(1, 3));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void sigintStopsCrierWithoutADrain() throws Exception {
        assumeInterruptible();
        try (var crier = CrierProcess.start(folder, "-conf", LONG_DRAIN);
                var client = RawClient.request(crier.port(), "GET /currentTime")) {
            client.head();
            client.chunk();
            crier.interrupt();
            assertEquals(130, crier.exitStatus());
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void sigintEndsADrain() throws Exception {
        assumeInterruptible();
        try (var crier = CrierProcess.start(folder, "-conf", LONG_DRAIN);
                var first = RawClient.request(crier.port(), "GET /currentTime");
                var second = RawClient.request(crier.port(), "GET /currentTime")) {
            first.head();
            second.head();
            crier.terminate();
            Eventually.until("Crier is stopping", () -> crier.output().contains("Crier is stopping"));
            crier.interrupt();
            assertEquals(0, crier.exitStatus());
        }
    }

    /** Some shells start background processes with SIGINT ignored, which their child processes inherit. */
    private static void assumeInterruptible() throws IOException {
        String ignored = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .findFirst()
                .orElseThrow();
        assumeTrue((Long.parseUnsignedLong(ignored.substring("SigIgn:".length()).strip(), 16) & 2) == 0);
    }
}
