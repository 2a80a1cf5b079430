package dev.crier.testing;

import java.nio.file.Path;

/** HAProxy with default settings, except that it retries for a minute while its server is away. */
public final class HaProxy {

    private static final String CONFIGURATION = """
            global
              maxconn 9000
            defaults
              mode http
              timeout connect 5s
              timeout client 1m
              timeout server 1m
              retries 60
            frontend subscribers
              bind 127.0.0.1:%d
              default_backend crier
            backend crier
              server crier 127.0.0.1:%d
            """;

    private HaProxy() {}

    /** Starts HAProxy in front of this port. */
    public static Proxy before(Path folder, int server) throws Exception {
        int port = Ports.free();
        return Proxy.haProxy(folder, port, CONFIGURATION.formatted(port, server));
    }
}
