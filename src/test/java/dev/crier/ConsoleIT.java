package dev.crier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crier.testing.CrierProcess;
import dev.crier.testing.Eventually;
import dev.crier.testing.RawClient;
import java.io.BufferedReader;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Standard output is a pipe, and the program at its other end stops reading it or has exited. */
@Timeout(120)
@DisabledOnOs(OS.WINDOWS)
class ConsoleIT {

    /** Each request has a line of about 1,500 bytes, enough to fill the pipe and Crier's queue. */
    private static final int REQUESTS = 3_000;

    private static final String AGENT = "User-Agent: " + "x".repeat(1_400);
    private static final String DROPPED = "Log lines dropped, because standard output is blocked or fails: ";

    private Process crier;
    private BufferedReader output;

    private static ProcessBuilder command(String conf) {
        return new ProcessBuilder(CrierProcess.command(CrierProcess.RUN_JAR, "-conf", conf));
    }

    private int start(String console) throws Exception {
        crier = command("{\"port\": 0, \"console\": " + console + ", \"management\": {\"port\": 0}}")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        output = crier.inputReader();
        return Integer.parseInt(output.readLine().replaceFirst(".*:(\\d+)/health", "$1"));
    }

    private int port() throws Exception {
        return Integer.parseInt(output.readLine().replaceFirst(".*:(\\d+)/", "$1"));
    }

    @AfterEach
    void end() {
        crier.destroyForcibly();
        crier.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static void sendRequests(int port) throws Exception {
        for (int i = 0; i < REQUESTS; i++) {
            try (var client = RawClient.request(port, "GET /none", AGENT, "Connection: close")) {
                assertEquals("HTTP/1.1 404 Not Found", client.head().get(0));
            }
        }
    }

    private static long dropped(int management) throws Exception {
        try (var client = RawClient.request(management, "GET /metrics", "Connection: close")) {
            return client.rest()
                    .lines()
                    .filter(line -> line.startsWith("crier_console_lines_dropped_total "))
                    .mapToLong(line -> (long) Double.parseDouble(line.replaceFirst(".* ", "")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void ifNobodyReadsTheOutputCrierServesAndCountsDroppedLines() throws Exception {
        int management = start("{\"access\": true}");
        int port = port();
        try (var stream = RawClient.request(port, "GET /currentTime")) {
            stream.head();
            sendRequests(port);
            stream.chunk();
            String last = stream.chunk();
            Eventually.until("the stream goes on", () -> !stream.chunk().equals(last));
        }
        long dropped = dropped(management);
        assertTrue(dropped > 0);
        List<String> lines =
                output.lines().takeWhile(line -> !line.contains(DROPPED)).toList();
        assertTrue(lines.stream().allMatch(line -> line.contains(" INFO  Request client=")), lines::toString);
        crier.toHandle().destroy();
        List<String> rest = output.lines().toList();
        assertTrue(rest.get(rest.size() - 1).endsWith("Crier has stopped"), rest::toString);
        assertEquals(0, crier.waitFor());
    }

    @Test
    void ifNobodyReadsTheOutputCrierStopsOnSigterm() throws Exception {
        start("{\"access\": true}");
        sendRequests(port());
        crier.toHandle().destroy();
        assertTrue(crier.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, crier.exitValue());
    }

    @Test
    void ifTheOutputIsClosedCrierServesAndStopsOnSigterm() throws Exception {
        int management = start("{\"access\": true}");
        int port = port();
        try (InputStream pipe = crier.getInputStream()) {
            assertEquals(0, pipe.available());
        }
        try (var client = RawClient.request(port, "GET /currentTime", "Connection: close")) {
            client.head();
            client.chunk();
        }
        Eventually.until("lines are dropped", () -> dropped(management) > 0);
        crier.toHandle().destroy();
        assertEquals(0, crier.waitFor());
    }

    /** The error is the last line. The process must not exit before the thread of the queue has written it. */
    @Test
    void aFailedStartLogsItsCause() throws Exception {
        crier = command("{\"port\": 70000}").start();
        String printed = new String(crier.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(2, crier.waitFor());
        assertTrue(printed.endsWith("-conf: port: 70000 (expected: 0..65535)\n"), printed);
    }
}
