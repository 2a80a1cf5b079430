package dev.crier.bench.load;

import io.netty.buffer.Unpooled;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Measures how long it takes to read a stream from its beginning, and how many writes the server needs for it. */
final class Replay {

    private static final int MEASURED = 50;

    private static final int TIMEOUT_MILLIS = 60_000;

    private static final String TRACER = "strace";

    private final Task task;
    private final Endpoint server;
    private final Samples first = new Samples();
    private final Samples last = new Samples();

    Replay(Task task, Endpoint server) {
        this.task = task;
        this.server = server;
    }

    void measure(EventLoops loops, Map<Metric, Double> values) throws Exception {
        var producers = new Producers(loops, server, 1);
        producers.publishUpTo(task.missed());
        producers.end();
        long end = System.nanoTime() + (long) (task.warmUpSeconds() * 1e9);
        do {
            read(new Samples(), new Samples());
        } while (System.nanoTime() < end);
        server.awaitQuiet();
        for (int i = 0; i < MEASURED; i++) {
            read(first, last);
        }
        values.put(Metric.FIRST_EVENT, first.quantile(0.5) / 1e6);
        values.put(Metric.LAST_EVENT, last.quantile(0.5) / 1e6);
        countWrites(values);
    }

    /** Reads the stream once over a new connection, and returns the port of the client. */
    private int read(Samples first, Samples last) throws IOException {
        try (var socket = new Socket(
                InetAddress.getLoopbackAddress(), server.subscribePorts().get(0))) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            String request = "GET " + server.subscribeFromStart()
                    + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
            var events = new Events(System.nanoTime());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            var scanner = new StreamScanner(events, false);
            var buffer = new byte[1 << 16];
            while (events.count < task.missed()) {
                int length = socket.getInputStream().read(buffer);
                if (length < 0) {
                    throw new IOException("the stream ended after " + events.count + " events");
                }
                scanner.scan(Unpooled.wrappedBuffer(buffer, 0, length));
            }
            first.add(events.first);
            last.add(System.nanoTime() - events.begin);
            return socket.getLocalPort();
        }
    }

    /** Counts the writes to a client with strace(1). It traces only this one reading, because it makes the server slower. */
    private void countWrites(Map<Metric, Double> values) throws Exception {
        Path trace = Files.createTempFile("bench", ".strace");
        var command = new ArrayList<>(List.of(TRACER, "-f", "-yy", "-e", "trace=write,writev,sendto,sendmsg"));
        command.addAll(List.of("-o", trace.toString()));
        server.pids().forEach(pid -> command.addAll(List.of("-p", String.valueOf(pid))));
        try {
            Process tracer =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var output = new BufferedReader(new InputStreamReader(tracer.getInputStream()))) {
                String line = output.readLine();
                if (line == null || !line.contains("attached")) {
                    return; // the kernel forbids it
                }
                int port = read(new Samples(), new Samples());
                tracer.toHandle().destroy(); // detaches; Process.destroy would close the output
                while (output.readLine() != null) {}
                tracer.waitFor();
                values.put(Metric.WRITES, (double) writesTo(port, trace));
            }
        } catch (IOException e) {
            System.err.println("The writes are not counted: " + e.getMessage());
        } finally {
            Files.delete(trace);
        }
    }

    /** Counts the lines of system calls on the connection with this client. */
    private static long writesTo(int port, Path trace) throws IOException {
        try (var lines = Files.lines(trace, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.contains(":" + port + "]>,")).count();
        }
    }

    private static final class Events implements StreamScanner.Sink {

        private final long begin;
        private long first;
        private int count;

        Events(long begin) {
            this.begin = begin;
        }

        @Override
        public void head(String head) {
            if (!head.startsWith("HTTP/1.1 200")) {
                throw new IllegalStateException("the server refused a subscription: " + head);
            }
        }

        @Override
        public void id(String id) {}

        @Override
        public void event(long number, long nanoTime) {
            if (number != count++) {
                throw new IllegalStateException("event " + number + " arrived instead of " + (count - 1));
            }
            if (number == 0) {
                first = System.nanoTime() - begin;
            }
        }
    }
}
