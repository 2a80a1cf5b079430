package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.crier.testing.Eventually;
import dev.crier.testing.Ports;
import dev.crier.testing.RawClient;
import dev.crier.testing.RedisServer;
import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.example.LibraryHost;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The library's jar, in applications that have only the libraries that they need. */
class LibraryIT {

    /** The jars that an application gets with the library: its dependencies that are not optional, and theirs. */
    private static final Set<String> REQUIRED = Set.of(
            "vertx-core",
            "vertx-core-logging",
            "vertx-web",
            "vertx-web-common",
            "vertx-auth-common",
            "vertx-bridge-common",
            "vertx-eventbus-bridge-common",
            "slf4j-api",
            "jackson-core",
            "netty-buffer",
            "netty-codec-base",
            "netty-codec-classes-quic",
            "netty-codec-compression",
            "netty-codec-dns",
            "netty-codec-http",
            "netty-codec-http2",
            "netty-codec-http3",
            "netty-codec-socks",
            "netty-common",
            "netty-handler",
            "netty-handler-proxy",
            "netty-resolver",
            "netty-resolver-dns",
            "netty-tcnative-classes",
            "netty-transport",
            "netty-transport-native-unix-common");

    /** What the metrics need besides. */
    private static final Set<String> METRICS = Set.of(
            "micrometer-registry-prometheus",
            "micrometer-core",
            "micrometer-commons",
            "micrometer-observation",
            "HdrHistogram",
            "LatencyUtils",
            "prometheus-metrics-config",
            "prometheus-metrics-core",
            "prometheus-metrics-exposition-textformats",
            "prometheus-metrics-model",
            "prometheus-metrics-tracer-common");

    private static final String SQLITE = """
            {"log": {"store": "sqlite", "file": "%s"}}""";
    private static final String REDIS = """
            {"log": {"store": "redis", "redis": {"url": "redis://127.0.0.1:%d"}}}""";
    private static final String JWT = """
            {"jwt": {"secrets": ["a secret of more than thirty-two bytes"]}}""";
    private static final String MANAGEMENT = """
            {"management": {"port": %d}}""";

    private static final List<String> WORKS = List.of("in process: Hello", "over HTTP: data: Hello");

    private static Path jar;

    @TempDir
    private Path folder;

    @BeforeAll
    static void find() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            jar = files.filter(file -> file.getFileName().toString().matches("crier-[\\d.]+(-SNAPSHOT)?\\.jar"))
                    .collect(Collectors.collectingAndThen(Collectors.toList(), found -> found.get(0)))
                    .toAbsolutePath();
        }
    }

    /** Returns the configuration with a channel. */
    private static String conf(String json, Object... values) {
        return new JsonObject("""
                {"channels": {"/news": {"keep": {"events": 10}}}}""")
                .mergeIn(new JsonObject(json.formatted(values)))
                .encode();
    }

    /** Returns the path of each jar of the test's class path that has such a name, with any version. */
    private static List<String> jars(Set<String> names) {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(path ->
                        names.contains(Path.of(path).getFileName().toString().replaceFirst("-\\d.*", "")))
                .filter(path -> !path.contains("-linux-"))
                .toList();
    }

    /** Starts a program with these libraries beside the required ones. */
    private static ProcessBuilder java(List<String> libraries, String... arguments) {
        var classPath = new ArrayList<>(List.of(jar.toString(), "target/test-classes"));
        classPath.addAll(jars(REQUIRED));
        classPath.addAll(libraries);
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                String.join(File.pathSeparator, classPath)));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    /** Runs the application for these configurations. Returns the lines that it prints. */
    private List<String> run(List<String> libraries, String... confs) throws Exception {
        var arguments = new ArrayList<>(List.of(LibraryHost.class.getName()));
        arguments.addAll(List.of(confs));
        Path output = Files.createTempFile(folder, "output", ".txt");
        Process process = java(libraries, arguments.toArray(String[]::new))
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = process.waitFor(60, TimeUnit.SECONDS);
            List<String> lines = Files.readAllLines(output);
            assertTrue(ended && process.exitValue() == 0, lines::toString);
            return lines;
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> results(List<String> lines) {
        return lines.stream()
                .filter(line -> line.matches("(in process|over HTTP|refused): .*"))
                .toList();
    }

    private static TreeSet<String> entries() throws Exception {
        try (var file = new JarFile(jar.toFile())) {
            return file.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(entry -> entry.getName())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void theJarHasNothingThatOnlyTheServerHas() throws Exception {
        assertTrue(entries().contains("dev/crier/Crier.class"));
        List<String> unexpected = entries().stream()
                .filter(name -> !name.matches("META-INF/(MANIFEST.MF|maven/dev.crier/crier/pom.(xml|properties))"))
                .filter(name -> !name.matches("dev/crier/.+[.](class|lua)|dev/crier/openapi.yaml"))
                .toList();
        assertEquals(List.of(), unexpected);
        assertEquals(
                "dev.crier",
                ModuleFinder.of(jar).findAll().iterator().next().descriptor().name());
    }

    /** Also finds a use of Logback, because the classes of the server that use it are not in the jar. */
    @Test
    void noClassOfTheJarNeedsAClassOfTheServer() throws Exception {
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false); // names are enough
        var classes = new ClassFileImporter().importJar(new JarFile(jar.toFile()));
        Set<String> missing = classes.stream()
                .flatMap(origin -> origin.getDirectDependenciesFromSelf().stream())
                .map(dependency ->
                        dependency.getTargetClass().getBaseComponentType().getName())
                .filter(name -> name.matches("(dev\\.crier|ch\\.qos|io\\.vertx\\.launcher)\\..*"))
                .filter(name -> !classes.contain(name))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(Set.of(), missing);
        assertTrue(classes.contain(Crier.class.getName()));
    }

    @Test
    void theLibraryNeedsOnlyItsRequiredDependencies() throws Exception {
        List<String> lines = run(List.of(), conf("{}"));
        assertEquals(WORKS, results(lines));
        assertTrue(lines.contains("native transport: false"), lines::toString);
    }

    @Test
    void aConfigurationWhoseLibraryIsMissingIsRefusedWithItsName() throws Exception {
        List<String> lines = run(List.of(), conf(SQLITE, "unused.db"), conf(REDIS, 1), conf(JWT), conf(MANAGEMENT, 0));
        assertEquals(
                List.of(
                        "refused: log.store: the library is missing (expected: a dependency on org.xerial:sqlite-jdbc)",
                        "refused: log.store: the library is missing (expected: a dependency on io.vertx:vertx-redis-client)",
                        "refused: jwt: the library is missing (expected: a dependency on io.vertx:vertx-auth-jwt)",
                        "refused: management.port: the library is missing (expected: a dependency on"
                                + " io.micrometer:micrometer-registry-prometheus and on"
                                + " io.prometheus:prometheus-metrics-exposition-textformats)"),
                results(lines));
    }

    @Test
    void sqliteNeedsItsDriver() throws Exception {
        assertEquals(WORKS, results(run(jars(Set.of("sqlite-jdbc")), conf(SQLITE, folder.resolve("crier.db")))));
        assertTrue(Files.exists(folder.resolve("crier.db")));
    }

    @Test
    void redisNeedsItsClient() throws Exception {
        try (var redis = RedisServer.start(folder)) {
            assertEquals(WORKS, results(run(jars(Set.of("vertx-redis-client")), conf(REDIS, redis.port()))));
        }
    }

    @Test
    void jwtsNeedTheirLibrary() throws Exception {
        assertEquals(WORKS, results(run(jars(Set.of("vertx-auth-jwt")), conf(JWT))));
    }

    @Test
    void theManagementListenerNeedsTheLibrariesOfItsMetrics() throws Exception {
        assertEquals(WORKS, results(run(jars(METRICS), conf(MANAGEMENT, 0))));
    }

    @Test
    void everyClassLinksWithoutTheLibrariesThatItDoesNotNeed() throws Exception {
        var urls = new ArrayList<>(List.of(jar.toUri().toURL()));
        for (String library : jars(REQUIRED)) {
            urls.add(Path.of(library).toUri().toURL());
        }
        var unlinked = new ArrayList<String>();
        try (var loader = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            for (String entry : entries()) {
                if (entry.endsWith(".class")) {
                    String name = entry.replace(".class", "").replace('/', '.');
                    try {
                        Class.forName(name, true, loader).getDeclaredMethods();
                    } catch (ExceptionInInitializerError e) {
                        // has linked; the pages of the server are not in the jar
                    } catch (LinkageError e) {
                        unlinked.add(name);
                    }
                }
            }
        }
        assertTrue(unlinked.contains("dev.crier.metrics.Prometheus"), unlinked::toString);
        unlinked.removeIf(name ->
                name.matches("dev\\.crier\\.(log\\.sqlite|log\\.redis|auth\\.Jwt|metrics\\.(Prometheus|Meters)).*"));
        assertEquals(List.of(), unlinked);
    }

    @Test
    void theApplicationConfiguresTheLogging() throws Exception {
        Files.writeString(folder.resolve("logback.xml"), """
                <configuration>
                  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                    <encoder><pattern>the application's line: %logger{0} %msg%n</pattern></encoder>
                  </appender>
                  <root level="info"><appender-ref ref="out"/></root>
                </configuration>""");
        var libraries = new ArrayList<>(jars(METRICS));
        libraries.addAll(jars(Set.of("logback-classic", "logback-core")));
        libraries.add(folder.toString());
        List<String> lines = run(libraries, conf(MANAGEMENT, 0));
        assertEquals(WORKS, results(lines));
        List<String> logged = lines.stream()
                .filter(line -> line.contains("Health checks are served"))
                .toList();
        assertEquals(1, logged.size(), lines::toString);
        assertTrue(logged.get(0).startsWith("the application's line: ManagementListener "), lines::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"News", "Newsroom"})
    void theApplicationsOfThePageRun(String name) throws Exception {
        int port = Ports.free();
        String code = EmbeddingPageTest.code(Path.of("docs/embedding.md"), "class " + name + " ")
                .get(0)
                .replace("8080", String.valueOf(port));
        Path source = Files.writeString(folder.resolve(name + ".java"), code);
        Process process = java(List.of(), source.toString()).inheritIO().start();
        try {
            Eventually.until(name + " listens", () -> !process.isAlive() || isListening(port));
            assertTrue(process.isAlive());
            var published = name.equals("News") ? "data: Hello" : "event: crier.start";
            try (var client = RawClient.request(port, "GET /live/news")) {
                client.readThrough(published + "\n");
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean isListening(int port) {
        try (var socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
