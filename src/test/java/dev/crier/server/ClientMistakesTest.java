package dev.crier.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.crier.testing.Pem;
import dev.crier.testing.RawClient;
import dev.crier.testing.RunningCrier;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A client's mistake is logged at debug at most. No line has a query, because clients put tokens there. */
class ClientMistakesTest {

    private static final String SECRET = "secret-of-the-tests";
    private static final String HEAD = "GET /news?token=" + SECRET + " HTTP/1.1\r\nHost: a\r\n";
    private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final List<ILoggingEvent> lines = new CopyOnWriteArrayList<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>() {
        @Override
        protected void append(ILoggingEvent line) {
            lines.add(line);
        }
    };

    @BeforeEach
    void startCapturing() {
        log.start();
        root.addAppender(log);
    }

    @AfterEach
    void stopCapturing() {
        root.detachAppender(log);
        root.setLevel(Level.INFO);
    }

    private static Stream<String> mistakes() {
        return Stream.of(
                "\r\n\r\n",
                "\0\0\0",
                "hello\r\n\r\n",
                HEAD + "\r\n",
                HEAD + "Transfer-Encoding: x\r\n\r\n",
                HEAD + "X y: z\r\n\r\n",
                HEAD + "X: " + "x".repeat(20_000) + "\r\n\r\n",
                "GET /" + SECRET.repeat(1000) + " HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /%zz?" + SECRET + " HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /news?lastEventId=%zz" + SECRET + " HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET http://a/news?" + SECRET + " HTTP/1.1\r\nHost: a\r\n\r\n",
                HEAD
                        + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n",
                HEAD + "Upgrade: h2c\r\n\r\n",
                HEAD + "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
                HEAD + "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n",
                HEAD + "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: !\r\n\r\n",
                HEAD
                        + "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAA\r\n\r\n",
                HEAD
                        + "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAA\r\nX y: z\r\n\r\n",
                HEAD + "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAA\r\n\r\n"
                        + HEAD + "\r\n",
                HEAD + "\r\n" + HEAD + "\r\n",
                PREFACE,
                PREFACE.substring(0, 10),
                PREFACE + HEAD + "\r\n",
                PREFACE + "\0\0\0\4\0\0\0\0\0" + "\0\0\4\1\5\0\0\0\1\0\0\0\0",
                PREFACE + "\0\0\0\4\0\0\0\0\0" + "\0\0\0\0\0\0\0\0\1",
                PREFACE + "\u00ff\u00ff\u00ff\0\0\0\0\0\1",
                PREFACE + "\0\0\0\4\0\0\0\0\0" + "\0\0\10\7\0\0\0\0\0\0\0\0\0\0\0\0\1",
                "\26\3\1\0\5\1\0\0\1\0",
                "\26\3\1\2\0\1\0\1\u00fc\3\3" + "x".repeat(508),
                "\25\3\3\0\2\2\50",
                "\u0080\56\1\0\2");
    }

    private void assertMistakesAreLoggedAtDebugOnly(RunningCrier crier) throws Exception {
        for (Level level : List.of(Level.INFO, Level.DEBUG)) {
            root.setLevel(level);
            for (int port : new int[] {crier.port(), crier.managementPort()}) {
                for (String mistake : mistakes().toList()) {
                    send(port, mistake, false);
                    send(port, mistake, true);
                }
            }
        }
        assertNoWarningAndNoSecret();
    }

    private void assertNoWarningAndNoSecret() {
        root.setLevel(Level.INFO);
        lines.removeIf(line -> isOfClosedVertx(line) || isOfSlowMachine(line));
        for (ILoggingEvent line : lines) {
            String text = line.getLoggerName() + ": " + line.getFormattedMessage()
                    + (line.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(line.getThrowableProxy()));
            assertTrue(!line.getLevel().isGreaterOrEqual(Level.WARN), text);
            assertTrue(!text.contains(SECRET), text);
        }
    }

    /** Whether the line says that the event loop was late, as it may be when other tests run. */
    private static boolean isOfSlowMachine(ILoggingEvent line) {
        return line.getLoggerName().endsWith(".EventLoopDelay");
    }

    /** Whether the line is of an earlier test, which closed its Vert.x while a worker thread was busy. */
    private static boolean isOfClosedVertx(ILoggingEvent line) {
        return line.getThrowableProxy() != null
                && line.getThrowableProxy().getClassName().equals(RejectedExecutionException.class.getName());
    }

    /** The client negotiates HTTP/2 in its handshake and then sends something else. */
    @Test
    void mistakesAreLoggedAtDebugOnlyOverHttp2WithTls(@TempDir Path folder) throws Exception {
        var context = SSLContext.getInstance("TLS");
        context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        root.setLevel(Level.DEBUG);
        try (var crier = new RunningCrier(
                conf().mergeIn(Pem.in(folder).write(Pem.certificate("a")).conf()))) {
            for (String mistake : mistakes().toList()) {
                try (var client = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", crier.port())) {
                    var parameters = client.getSSLParameters();
                    parameters.setApplicationProtocols(new String[] {"h2"});
                    client.setSSLParameters(parameters);
                    client.startHandshake();
                    client.getOutputStream().write(mistake.getBytes(StandardCharsets.ISO_8859_1));
                    client.getOutputStream().write(new byte[100]);
                    client.shutdownOutput();
                    client.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // the server may reset the connection
                }
            }
        }
        assertNoWarningAndNoSecret();
    }

    private static void send(int port, String bytes, boolean reset) throws Exception {
        try (var client = new RawClient(port)) {
            client.sendBytes(bytes);
            if (reset) {
                client.reset();
            } else {
                client.shutdownOutput();
                client.rest();
            }
        } catch (IOException e) {
            // the server may reset the connection
        }
    }

    private static JsonObject conf() {
        return RunningCrier.channels("/news").put("management", new JsonObject().put("port", 0));
    }

    @Test
    void mistakesAreLoggedAtDebugOnlyOnAPlainPort() throws Exception {
        try (var crier = new RunningCrier(conf().put("console", new JsonObject().put("access", true)))) {
            assertMistakesAreLoggedAtDebugOnly(crier);
        }
    }

    @Test
    void mistakesAreLoggedAtDebugOnlyOnAPortWithHttp2() throws Exception {
        try (var crier = new RunningCrier(conf().put("http", new JsonObject().put("h2c", true)))) {
            assertMistakesAreLoggedAtDebugOnly(crier);
        }
    }

    @Test
    void mistakesAreLoggedAtDebugOnlyOnAPortWithTls(@TempDir Path folder) throws Exception {
        try (var crier = new RunningCrier(
                conf().mergeIn(Pem.in(folder).write(Pem.certificate("a")).conf()))) {
            assertMistakesAreLoggedAtDebugOnly(crier);
        }
    }
}
