package dev.crier.server;

import dev.crier.config.Conf;
import dev.crier.http.RequestPreamble;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.core.tracing.TracingPolicy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The options of the main listener's server: protocols, TLS and limits. */
final class ServerOptions {

    /** The protocols over TLS, in order of preference. */
    private static final List<HttpVersion> TLS_VERSIONS =
            List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1, HttpVersion.HTTP_1_0);

    /** How many requests one HTTP/2 connection may have at a time: a hundred event streams, and room for others. */
    private static final int MAX_STREAMS = 256;

    /**
     * How many bytes of all request bodies an HTTP/2 connection may have unread. A publisher that waits for the log or for its
     * rate fills the window of its stream, 64 KiB. The other requests of the connection, which may be a proxy's, need the rest.
     */
    private static final int CONNECTION_WINDOW_BYTES = 1 << 20;

    /**
     * Factor from the configured limits to Netty's. Netty closes the whole connection if a head is too large;
     * {@link RequestPreamble} enforces the limits for each stream. HTTP/2 also counts 32 bytes more for each header.
     */
    private static final int HEAD_SIZE_FACTOR = 2;

    /** Cipher suites with forward secrecy: a key that is stolen later does not decrypt recorded traffic. */
    private static final List<String> SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** Bounded, because Vert.x does not report a connection before its handshake is complete. */
    private static final long MAX_HANDSHAKE_MILLIS = 10_000;

    private ServerOptions() {}

    static HttpServerOptions of(Conf conf, Optional<Certificate> certificate) {
        var options = new HttpServerOptions()
                .setHttp2ClearTextEnabled(conf.h2c())
                .setMaxInitialLineLength(conf.limits().urlBytes())
                .setMaxHeaderSize(conf.limits().headerBytes())
                .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES)
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(MAX_STREAMS)
                        .setMaxHeaderListSize(HEAD_SIZE_FACTOR
                                * (conf.limits().urlBytes() + conf.limits().headerBytes())))
                .setStrictThreadMode(true)
                // the trace of an event stream would last as long as the stream; publications have traces of their own
                .setTracingPolicy(TracingPolicy.IGNORE)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setSendBufferSize(conf.subscriber().queueBytes())
                // heartbeats to a client whose network has vanished fit in the kernel's buffer, so only this closes it
                .setTcpUserTimeout((int) conf.subscriber().stallTimeout().toMillis());
        certificate.ifPresent(own -> SUITES.forEach(options.setSsl(true)
                .setUseAlpn(true)
                .setAlpnVersions(TLS_VERSIONS)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setSslHandshakeTimeout(Math.min(
                        MAX_HANDSHAKE_MILLIS, conf.limits().headTimeout().toMillis()))
                .setKeyCertOptions(own.options())::addEnabledCipherSuite));
        return options;
    }

    /** Returns the same TLS options with another certificate. */
    static ServerSSLOptions tls(Certificate certificate) {
        var options = new ServerSSLOptions()
                .setUseAlpn(true)
                .setApplicationLayerProtocols(
                        TLS_VERSIONS.stream().map(HttpVersion::alpnName).toList())
                .setKeyCertOptions(certificate.options());
        SUITES.forEach(options::addEnabledCipherSuite);
        return options;
    }
}
