package dev.crier.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crier.config.file.ConfException;
import dev.crier.limit.OpenFiles;
import dev.crier.testing.Eventually;
import dev.crier.testing.Pem;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** HTTPS, and a certificate that is renewed while subscribers are connected. */
class TlsTest {

    private static final HttpClientOptions ANY_SERVER =
            new HttpClientOptions().setSsl(true).setTrustAll(true).setVerifyHost(false);

    private final Logger logger = (Logger) LoggerFactory.getLogger(CertificateReloader.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private Pem pem;

    TlsTest() {
        logged.list = new CopyOnWriteArrayList<>();
    }

    @BeforeEach
    void listen(@TempDir Path folder) throws Exception {
        pem = Pem.in(folder).write(Pem.certificate("first"));
        logged.start();
        logger.addAppender(logged);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(logged);
    }

    private RunningCrier crier() throws Exception {
        return new RunningCrier(RunningCrier.channels("/news").mergeIn(pem.conf()));
    }

    private List<String> lines() {
        return logged.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .map(line -> line.replace(pem.cert().getParent().toString(), ""))
                .toList();
    }

    /** Subscribes on a connection of its own. */
    private static HttpClientResponse read(RunningCrier crier, HttpVersion version) throws Exception {
        var client = crier.vertx()
                .createHttpClient(new HttpClientOptions(ANY_SERVER)
                        .setUseAlpn(version == HttpVersion.HTTP_2)
                        .setProtocolVersion(version));
        return RunningCrier.await(client.request(HttpMethod.GET, crier.port(), "localhost", "/news")
                .compose(request -> {
                    Future<HttpClientResponse> response = request.response().onSuccess(HttpClientResponse::pause);
                    return request.end().compose(sent -> response);
                }));
    }

    private static String name(HttpClientResponse response) throws Exception {
        var own = (X509Certificate)
                response.request().connection().peerCertificates().get(0);
        return own.getSubjectX500Principal().getName() + " by " + response.version();
    }

    private static StringBuffer collect(HttpClientResponse response) {
        var text = new StringBuffer();
        response.handler(bytes -> text.append(bytes.toString())).resume();
        return text;
    }

    @Test
    void eachVersionOfHttpWorksOverTls() throws Exception {
        try (var crier = crier()) {
            for (HttpVersion version : List.of(HttpVersion.HTTP_1_0, HttpVersion.HTTP_1_1, HttpVersion.HTTP_2)) {
                HttpClientResponse response = read(crier, version);
                assertEquals("CN=first by " + version, name(response));
                StringBuffer text = collect(response);
                String data = "to " + version;
                Eventually.until("a subscriber", () -> crier.subscribers() > 0);
                crier.publish("/news", data);
                Eventually.until(
                        () -> "the event: " + text, () -> text.toString().endsWith("data: " + data + "\n\n"));
                RunningCrier.await(response.request().connection().close());
                Eventually.until("it has left", () -> crier.subscribers() == 0);
            }
        }
    }

    @Test
    void aRenewedCertificateIsUsedForNewConnectionsAndOthersStay() throws Exception {
        try (var crier = crier()) {
            HttpClientResponse stays = read(crier, HttpVersion.HTTP_2);
            StringBuffer text = collect(stays);
            Eventually.until("a subscriber", () -> crier.subscribers() == 1);
            pem.write(Pem.certificate("second"));
            Eventually.until("it is renewed", () -> !lines().isEmpty());
            assertTrue(lines().get(0).startsWith("The certificate has been renewed, valid until "), lines().toString());
            assertEquals("CN=second by HTTP_2", name(read(crier, HttpVersion.HTTP_2)));
            assertEquals("CN=second by HTTP_1_1", name(read(crier, HttpVersion.HTTP_1_1)));
            crier.publish("/news", "still");
            Eventually.until(() -> "the event: " + text, () -> text.toString().endsWith("data: still\n\n"));
            assertEquals("CN=first by HTTP_2", name(stays));
        }
    }

    @Test
    void anInvalidCertificateStopsTheStart() throws Exception {
        pem.write(Pem.certificate("second"), Pem.certificate("other"));
        ConfException failure = assertThrows(ConfException.class, this::crier);
        assertTrue(failure.getMessage().contains("the key belongs to another certificate"), failure.getMessage());
    }

    @Test
    void withoutTlsHttp2IsOffByDefault() throws Exception {
        for (boolean h2c : List.of(false, true)) {
            var conf = RunningCrier.channels("/news").put("http", new JsonObject().put("h2c", h2c));
            try (var crier = new RunningCrier(conf)) {
                var client =
                        crier.vertx().createHttpClient(new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2));
                HttpClientResponse response =
                        RunningCrier.await(client.request(HttpMethod.HEAD, crier.port(), "localhost", "/news")
                                .compose(request -> request.send()));
                assertEquals(h2c ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1, response.version());
            }
        }
    }

    /** Connects a client that accepts any certificate. */
    private static SSLSocket connect(RunningCrier crier, String protocol) throws Exception {
        var anyServer = new TrustManager[] {
            new X509TrustManager() {
                @Override
                public void checkClientTrusted(X509Certificate[] chain, String type) {}

                @Override
                public void checkServerTrusted(X509Certificate[] chain, String type) {}

                @Override
                public X509Certificate[] getAcceptedIssuers() {
                    return new X509Certificate[0];
                }
            }
        };
        var tls = SSLContext.getInstance("TLS");
        tls.init(null, anyServer, null);
        var socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", crier.port());
        socket.setSoTimeout(30_000);
        socket.setEnabledProtocols(new String[] {protocol});
        return socket;
    }

    /** Returns the suite that Crier negotiates with a client of this protocol and these suites. */
    private static String suite(RunningCrier crier, String protocol, String... suites) throws Exception {
        try (var socket = connect(crier, protocol)) {
            if (suites.length > 0) {
                socket.setEnabledCipherSuites(suites);
            }
            socket.startHandshake();
            return socket.getSession().getCipherSuite();
        }
    }

    /** Closing a socket with unread bytes resets it, so a client that still sends could lose the response. */
    @Test
    void aProducerThatStillSendsWhenItsChannelEndsIsReadAfterTheResponse() throws Exception {
        var conf = new JsonObject("""
                {
                  "channels": {"/run": {"keep": {"events": 10}, "ends": true, "publish": true}},
                  "publish": {"tokens": ["a-token-of-the-tests"]}
                }""");
        try (var crier = new RunningCrier(conf.mergeIn(pem.conf()));
                var producer = connect(crier, "TLSv1.3")) {
            OutputStream out = producer.getOutputStream();
            out.write(("POST /run?lines HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n"
                            + "Authorization: Bearer a-token-of-the-tests\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            InputStream in = producer.getInputStream();
            String asked = "HTTP/1.1 100 Continue\r\n\r\n";
            assertEquals(asked, new String(in.readNBytes(asked.length()), StandardCharsets.US_ASCII));
            crier.end("/run");
            String response = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            assertTrue(response.startsWith("HTTP/1.1 409 Conflict\r\n"), response);
            byte[] chunk = ("100000\r\n" + "x".repeat(1 << 20) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < 16; i++) { // more than the kernel's buffers take
                out.write(chunk);
            }
        }
    }

    @Test
    void onlySuitesWithForwardSecrecyAreAccepted() throws Exception {
        try (var crier = crier()) {
            assertTrue(suite(crier, "TLSv1.3").startsWith("TLS_AES_"));
            assertTrue(suite(crier, "TLSv1.2").matches("TLS_ECDHE_.*_(GCM|CHACHA20)_.*"), suite(crier, "TLSv1.2"));
            for (String weak : List.of(
                    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
                    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
                    "TLS_RSA_WITH_AES_128_GCM_SHA256")) {
                assertThrows(IOException.class, () -> suite(crier, "TLSv1.2", weak), weak);
            }
        }
    }

    @Test
    void aConnectionWithoutAHandshakeIsCountedAndClosed() throws Exception {
        var limits = new JsonObject()
                .put("limits", new JsonObject().put("connections", 1).put("headTimeout", "PT0.5S"));
        try (var crier = new RunningCrier(
                RunningCrier.channels("/news").mergeIn(pem.conf()).mergeIn(limits))) {
            var silent = new ArrayList<RawClient>();
            for (int i = 0; i < OpenFiles.forRejection() + 5; i++) {
                silent.add(new RawClient(crier.port()));
            }
            for (RawClient client : silent) {
                assertEquals("", client.rest());
                client.close();
            }
            assertEquals("CN=first by HTTP_2", name(read(crier, HttpVersion.HTTP_2)));
        }
    }
}
