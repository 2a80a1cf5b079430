package dev.crier.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A {@code redis-server} in a process of its own, on a free port of 127.0.0.1. If it is not installed, the test is skipped, or
 * fails under CI.
 *
 * <p>Tests use a real server, because its persistence, replication and scripts are what the store relies on. A server keeps its
 * port, folder and configuration, so a test can kill and restart it.
 */
public final class RedisServer implements AutoCloseable {

    private static final Path PROGRAM = Path.of("/usr/bin/redis-server");

    private static final int ATTEMPTS = 5;

    private final Path folder;
    private final int port;
    private final List<String> command;
    private final Map<String, String> environment;
    private final String password;
    private int tlsPort;
    private Process process;

    /**
     * Starts Redis without persistence, and waits until it answers.
     *
     * @param parent the folder in which Redis gets a folder of its own
     * @param lines lines of its configuration, such as {@code appendonly yes}
     */
    public static RedisServer start(Path parent, String... lines) throws Exception {
        return start(parent, Map.of(), List.of(lines));
    }

    /** Starts Redis with a second port for TLS, which uses this self-signed certificate and its key. */
    public static RedisServer withTls(Path parent, Path cert, Path key, String... lines) throws Exception {
        var all = new ArrayList<>(List.of(lines));
        int tlsPort = Ports.free();
        all.add("tls-port " + tlsPort);
        all.add("tls-cert-file " + cert);
        all.add("tls-key-file " + key);
        all.add("tls-ca-cert-file " + cert);
        all.add("tls-auth-clients no");
        var redis = start(parent, Map.of(), all);
        redis.tlsPort = tlsPort;
        return redis;
    }

    /** Starts Redis under libfaketime. If that is not installed, the test is skipped, or fails under CI. */
    public static RedisServer withClock(Path parent, String... lines) throws Exception {
        assumeInstalled(PROGRAM);
        var library = faketime();
        assumeTrue(library.isPresent() || isCi(), "not installed: libfaketime");
        Path offset = Files.createTempFile(parent, "clock", "");
        Files.writeString(offset, "+0");
        var environment = Map.of(
                // libfaketime allocates memory while jemalloc asks it for the time; with libc's malloc, it does not
                // matter
                "LD_PRELOAD",
                library.orElseThrow() + " libc.so.6",
                "FAKETIME_TIMESTAMP_FILE",
                offset.toString(),
                "FAKETIME_NO_CACHE",
                "1",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1");
        return start(parent, environment, List.of(lines));
    }

    private static Optional<Path> faketime() throws IOException {
        try (Stream<Path> folders = Files.list(Path.of("/usr/lib"))) {
            return folders.map(architecture -> architecture.resolve("faketime/libfaketimeMT.so.1"))
                    .filter(Files::exists)
                    .findFirst();
        }
    }

    private static RedisServer start(Path parent, Map<String, String> environment, List<String> lines)
            throws Exception {
        var all = new ArrayList<>(List.of("save \"\"", "repl-diskless-sync-delay 0"));
        all.addAll(lines);
        return start(parent, environment, all, List.of());
    }

    /** Starts Redis as a sentinel with this configuration. */
    static RedisServer sentinel(Path parent, List<String> lines) throws Exception {
        return start(parent, Map.of(), lines, List.of("--sentinel"));
    }

    /** Tries other ports if another process takes the chosen one first. */
    private static RedisServer start(
            Path parent, Map<String, String> environment, List<String> lines, List<String> options) throws Exception {
        assumeInstalled(PROGRAM);
        for (int attempt = 1; ; attempt++) {
            var redis = new RedisServer(parent, environment, lines, options);
            try {
                redis.start();
                return redis;
            } catch (IOException e) {
                redis.close();
                if (attempt == ATTEMPTS || !redis.output().contains("Address already in use")) {
                    throw e;
                }
            } catch (Throwable e) {
                redis.close();
                throw e;
            }
        }
    }

    private static void assumeInstalled(Path program) {
        assumeTrue(Files.exists(program) || isCi(), "not installed: " + program);
    }

    private static boolean isCi() {
        return Boolean.parseBoolean(System.getenv("CI"));
    }

    private RedisServer(Path parent, Map<String, String> environment, List<String> lines, List<String> options)
            throws IOException {
        this.environment = environment;
        port = Ports.free();
        folder = Files.createDirectories(parent.resolve("redis-" + port));
        var all = new ArrayList<>(List.of("port " + port, "bind 127.0.0.1", "dir " + folder));
        all.addAll(lines);
        Path file = Files.write(folder.resolve("redis.conf"), all);
        command = new ArrayList<>(List.of(PROGRAM.toString(), file.toString()));
        command.addAll(options);
        password = lines.stream()
                .filter(line -> line.startsWith("requirepass "))
                .map(line -> line.substring("requirepass ".length()))
                .findFirst()
                .orElse("");
    }

    private void start() throws Exception {
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().putAll(environment);
        process = builder.start();
        Eventually.until(() -> "Redis answers: " + output(), () -> answers() || !process.isAlive());
        if (!process.isAlive()) {
            throw new IOException("Redis ended: " + output());
        }
    }

    private boolean answers() {
        try {
            return "PONG".equals(command("PING"));
        } catch (IOException e) {
            return false; // Redis does not listen yet, or loads its data
        }
    }

    private Path log() {
        return folder.resolve("redis.log");
    }

    /** Returns the log lines of Redis. */
    public String output() {
        try {
            return Files.readString(log());
        } catch (IOException e) {
            return e.toString();
        }
    }

    public int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /** Returns the URL, with the password of {@code requirepass}. */
    public String url() {
        return "redis://" + (password.isEmpty() ? "" : ":" + password + "@") + "127.0.0.1:" + port;
    }

    /** Returns the URL of the port for TLS. Its host is localhost, which the certificate must name. */
    public String tlsUrl() {
        return "rediss://" + (password.isEmpty() ? "" : ":" + password + "@") + "localhost:" + tlsPort;
    }

    /** Sends a command over a new connection, and returns the reply as {@link RespClient#command} does. */
    public Object command(String... words) throws IOException {
        try (var client = new RespClient(port)) {
            if (!password.isEmpty()) {
                client.command("AUTH", password);
            }
            return client.command(words);
        }
    }

    /** Returns a field of {@code INFO}, such as {@code role}, or an empty string. */
    public String info(String field) throws IOException {
        return command("INFO", "everything")
                .toString()
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1))
                .findFirst()
                .orElse("");
    }

    /** Makes this server a replica of the primary, and waits until both know that it has the data. */
    public void replicate(RedisServer primary) throws Exception {
        command("REPLICAOF", "127.0.0.1", String.valueOf(primary.port()));
        Eventually.until(
                () -> "the replica has the data: " + output(),
                () -> info("master_link_status").equals("up") && primary.hasOnline(this));
    }

    private boolean hasOnline(RedisServer replica) throws IOException {
        return command("INFO", "replication").toString().contains("port=" + replica.port + ",state=online,");
    }

    /** Sets the clock of a server that {@link #withClock} has started to the time plus the offset, which may be negative. */
    public void setClock(Duration offset) throws IOException {
        Path file = Path.of(environment.get("FAKETIME_TIMESTAMP_FILE"));
        Path written = Files.writeString(
                file.resolveSibling(file.getFileName() + ".new"),
                (offset.isNegative() ? "-" : "+") + offset.abs().toMillis() / 1_000.0);
        Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Returns the server's time in Unix milliseconds. The next event id that it gives is not before this time. */
    public long millis() throws IOException {
        var time = (List<?>) command("TIME");
        return Long.parseLong(time.get(0).toString()) * 1_000
                + Long.parseLong(time.get(1).toString()) / 1_000;
    }

    /** Sends SIGKILL, and waits until the process has ended. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
        removeClock();
    }

    /**
     * Removes what libfaketime shares with child processes, because a killed process leaves it. If a later process has the same
     * pid, its clock would be behind by the time that it takes to start.
     */
    private void removeClock() {
        for (String name : List.of("sem.faketime_sem_", "faketime_shm_")) {
            try {
                Files.deleteIfExists(Path.of("/dev/shm", name + process.pid()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Restarts Redis after {@link #kill}, with the same port, folder and configuration, and waits until it answers. */
    public void restart() throws Exception {
        start();
    }

    @Override
    public void close() {
        if (process != null) {
            kill();
        }
    }
}
