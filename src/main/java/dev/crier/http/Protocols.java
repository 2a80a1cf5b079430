package dev.crier.http;

import dev.crier.config.Conf;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.ServerSSLOptions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What a door speaks: HTTP/1 and HTTP/2, with TLS or without, and how much of it at most. */
final class Protocols {

    /** What is spoken over TLS, the best first. */
    private static final List<HttpVersion> OVER_TLS =
            List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1, HttpVersion.HTTP_1_0);

    /** How many streams and requests one HTTP/2 connection may have at a time: a hundred channels, and room beside them. */
    private static final int MAX_STREAMS = 256;

    /**
     * Netty closes the connection of a head that is much larger than it may be. So it is given more than the limits, which
     * {@link EveryRequest} keeps, stream by stream; and HTTP/2 counts 32 bytes for each header besides its own.
     */
    private static final int MAX_HEAD_TIMES = 2;

    /** Until then, Vert.x knows of no connection that could be counted. */
    private static final long MAX_HANDSHAKE_MILLIS = 10_000;

    private Protocols() {}

    static HttpServerOptions of(Conf conf, Optional<Certificate> certificate) {
        var options = new HttpServerOptions()
                .setHttp2ClearTextEnabled(conf.http().h2c())
                .setMaxInitialLineLength(conf.limits().urlBytes())
                .setMaxHeaderSize(conf.limits().headerBytes())
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(MAX_STREAMS)
                        .setMaxHeaderListSize(MAX_HEAD_TIMES
                                * (conf.limits().urlBytes() + conf.limits().headerBytes())))
                .setStrictThreadMode(true)
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                .setSendBufferSize(conf.subscriber().queueBytes())
                // heartbeats to a client whose network has vanished fit the kernel's buffer: only this closes it
                .setTcpUserTimeout((int) conf.subscriber().stallTimeout().toMillis());
        certificate.ifPresent(own -> options.setSsl(true)
                .setUseAlpn(true)
                .setAlpnVersions(OVER_TLS)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setSslHandshakeTimeout(Math.min(
                        MAX_HANDSHAKE_MILLIS, conf.limits().headTimeout().toMillis()))
                .setKeyCertOptions(own.options()));
        return options;
    }

    /** The same TLS by another certificate. */
    static ServerSSLOptions tls(Certificate certificate) {
        return new ServerSSLOptions()
                .setUseAlpn(true)
                .setApplicationLayerProtocols(
                        OVER_TLS.stream().map(HttpVersion::alpnName).toList())
                .setKeyCertOptions(certificate.options());
    }
}
