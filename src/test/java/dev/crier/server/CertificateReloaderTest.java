package dev.crier.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.crier.config.TlsConf;
import dev.crier.testing.Pem;
import io.netty.pkitesting.X509Bundle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class CertificateReloaderTest {

    private final Vertx vertx = Vertx.vertx();
    private final Logger logger = (Logger) LoggerFactory.getLogger(CertificateReloader.class);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final List<Certificate> applied = new ArrayList<>();
    private Future<?> answer = Future.succeededFuture();
    private Pem pem;
    private CertificateReloader reloader;

    @BeforeEach
    void create(@TempDir Path folder) throws Exception {
        logged.list = new CopyOnWriteArrayList<>();
        logged.start();
        logger.addAppender(logged);
        pem = Pem.in(folder).write(Pem.certificate("first"));
        var conf = new TlsConf(pem.cert().toString(), pem.key().toString(), Duration.ofHours(1), Duration.ZERO);
        Certificate first = await(Certificate.read(vertx, conf));
        reloader = new CertificateReloader(vertx, conf, first, certificate -> {
            applied.add(certificate);
            return answer;
        });
    }

    @AfterEach
    void close() throws Exception {
        logger.detachAppender(logged);
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.await(30, TimeUnit.SECONDS);
    }

    /** Reloads twice and returns what was logged, without the folder. */
    private List<String> reload() throws Exception {
        logged.list.clear();
        await(reloader.reload().otherwiseEmpty());
        await(reloader.reload().otherwiseEmpty());
        return logged.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .map(line -> line.replace(pem.cert().getParent().toString(), ""))
                .toList();
    }

    private void assertRejected(String start) throws Exception {
        List<String> lines = reload();
        assertEquals(1, lines.size(), "each error is logged once: " + lines);
        assertTrue(lines.get(0).startsWith(start), lines.get(0));
        assertTrue(lines.get(0).contains("; the current certificate stays in use, valid until "), lines.get(0));
        assertEquals(List.of(), applied);
    }

    @Test
    void theSameCertificateIsNotApplied() throws Exception {
        assertEquals(List.of(), reload());
        assertEquals(List.of(), applied);
    }

    @Test
    void aRenewedCertificateIsAppliedOnce() throws Exception {
        Instant end = Instant.parse("2100-01-01T00:00:00Z");
        pem.write(Pem.certificate("second", Instant.now().plusSeconds(60)));
        List<String> lines = reload();
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.get(0).startsWith("The certificate has been renewed, valid until "), lines.get(0));
        assertEquals(1, applied.size());
        assertTrue(applied.get(0).end().isBefore(end));
    }

    @Test
    void aCertificateThatCannotBeAppliedIsTriedAgain() throws Exception {
        pem.write(Pem.certificate("second"));
        answer = Future.failedFuture("the listener is closed");
        List<String> lines = reload();
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.get(0).startsWith("the listener is closed; the current certificate"), lines.get(0));
        answer = Future.succeededFuture();
        assertEquals(1, reload().size());
        assertEquals(3, applied.size());
    }

    @Test
    void aKeyOfAnotherCertificateIsRejected() throws Exception {
        pem.write(Pem.certificate("second"), Pem.certificate("other"));
        assertRejected("tls.cert: /cert.pem with /key.pem: the key belongs to another certificate (expected: ");
    }

    @Test
    void anExpiredCertificateIsRejected() throws Exception {
        pem.write(Pem.certificate("late", Instant.now().minusSeconds(60)));
        assertRejected("tls.cert: /cert.pem with /key.pem: NotAfter: ");
    }

    @Test
    void aFileThatIsNotPemIsRejected() throws Exception {
        Files.writeString(pem.cert(), "-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n");
        assertRejected("tls.cert: /cert.pem with /key.pem: ");
    }

    @Test
    void aMissingFileIsReportedOnce() throws Exception {
        X509Bundle first = Pem.certificate("first");
        pem.write(first);
        reload();
        applied.clear();
        Files.delete(pem.key());
        assertRejected("tls.key: /key.pem: no such file (expected: a file that can be read)");
        pem.write(first);
        assertEquals(List.of(), reload());
        Files.delete(pem.key());
        assertRejected("tls.key: /key.pem: no such file");
    }
}
