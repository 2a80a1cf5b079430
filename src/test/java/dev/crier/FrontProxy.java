package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.Ports;
import dev.crier.testing.Proxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The proxies with the files in {@code deploy/}, and an nginx with a minimal configuration. All listen on free ports. */
enum FrontProxy {
    NGINX {
        @Override
        Proxy start(Path folder, int server, boolean shortTimeouts) throws Exception {
            int port = Ports.free();
            String file = recipe("nginx.conf", "listen 80;", "listen 127.0.0.1:" + port + ";", server);
            return Proxy.nginx(folder, port, shortTimeouts ? "proxy_read_timeout 1s; send_timeout 1s; " + file : file);
        }
    },
    BARE_NGINX {
        @Override
        Proxy start(Path folder, int server, boolean shortTimeouts) throws Exception {
            return bareNginx(folder, server, shortTimeouts ? "proxy_read_timeout 1s; send_timeout 1s;" : "");
        }
    },
    HAPROXY {
        @Override
        Proxy start(Path folder, int server, boolean shortTimeouts) throws Exception {
            int port = Ports.free();
            String file = recipe("haproxy.cfg", "bind :80", "bind 127.0.0.1:" + port, server);
            return Proxy.haProxy(folder, port, shortTimeouts ? file.replace(" 1m", " 1s") : file);
        }
    },
    CADDY {
        @Override
        Proxy start(Path folder, int server, boolean shortTimeouts) throws Exception {
            rejectShortTimeouts(shortTimeouts);
            int port = Ports.free();
            return Proxy.caddy(
                    folder, port, recipe("Caddyfile", "\nexample.com", "\nhttp://127.0.0.1:" + port, server));
        }
    },
    ENVOY {
        @Override
        Proxy start(Path folder, int server, boolean shortTimeouts) throws Exception {
            int port = Ports.free();
            String file = recipe(
                    "envoy.yaml",
                    "address: 0.0.0.0, port_value: 80",
                    "address: 127.0.0.1, port_value: " + port,
                    server);
            String http = "stat_prefix: crier";
            return Proxy.envoy(
                    folder,
                    port,
                    shortTimeouts ? file.replace(http, http + "\n                stream_idle_timeout: 1s") : file);
        }
    },
    TRAEFIK {
        @Override
        Proxy start(Path folder, int server, boolean shortTimeouts) throws Exception {
            rejectShortTimeouts(shortTimeouts);
            int awayPort = Ports.free();
            String away = read("traefik-away.conf");
            String listen = "127.0.0.1:3001;";
            assertTrue(away.contains(listen), away);
            Proxy nginx =
                    Proxy.nginx(folder, awayPort, withShortRetry(away).replace(listen, "127.0.0.1:" + awayPort + ";"));
            String file = withPorts(read("traefik.yaml"), "127.0.0.1:3001", "127.0.0.1:" + awayPort, server);
            return Proxy.traefik(folder, Ports.free(), file, nginx);
        }
    };

    private static final Pattern BACKEND = Pattern.compile("127\\.0\\.0\\.1(:|, port_value: )3000\\b");

    /**
     * Starts the proxy in front of Crier on this port.
     *
     * @param shortTimeouts whether timeouts that are a minute by default are a second
     */
    abstract Proxy start(Path folder, int server, boolean shortTimeouts) throws Exception;

    Proxy start(Path folder, int server) throws Exception {
        return start(folder, server, false);
    }

    private static void rejectShortTimeouts(boolean shortTimeouts) {
        if (shortTimeouts) {
            throw new IllegalArgumentException("the proxy has no timeout for idle streams");
        }
    }

    /** Starts nginx with a minimal configuration and these directives. */
    static Proxy bareNginx(Path folder, int server, String directives) throws Exception {
        int port = Ports.free();
        return Proxy.nginx(folder, port, """
                %s
                server {
                  listen 127.0.0.1:%d;
                  location / { proxy_pass http://127.0.0.1:%d; }
                }
                """.formatted(directives, port, server));
    }

    /** Returns the file in {@code deploy/} with other ports and with a retry time of 0.2 seconds. */
    private static String recipe(String name, String listen, String replacement, int server) throws IOException {
        return withShortRetry(withPorts(read(name), listen, replacement, server));
    }

    private static String read(String name) throws IOException {
        return Files.readString(Path.of("deploy", name));
    }

    private static String withPorts(String file, String listen, String replacement, int server) {
        assertEquals(2, file.split(Pattern.quote(listen), -1).length, listen + " in " + file);
        Matcher backend = BACKEND.matcher(file);
        assertTrue(backend.find(), file);
        return backend.replaceAll("127.0.0.1$1" + server).replace(listen, replacement);
    }

    private static String withShortRetry(String file) {
        assertTrue(file.contains("retry: 2000"), file);
        return file.replace("retry: 2000", "retry: 200");
    }
}
