package dev.crier.testing;

import java.nio.file.Path;

/** HAProxy in front of a port, as it is by default; it tries a minute long to reach a server that is not there. */
public final class HaProxy {

    private static final String CONF = """
            global
              maxconn 9000
            defaults
              mode http
              timeout connect 5s
              timeout client 1m
              timeout server 1m
              retries 60
            frontend readers
              bind 127.0.0.1:%d
              default_backend crier
            backend crier
              server crier 127.0.0.1:%d
            """;

    private HaProxy() {}

    public static Proxy before(Path folder, int server) throws Exception {
        int port = Proxy.freePort();
        return Proxy.haProxy(folder, port, CONF.formatted(port, server));
    }
}
