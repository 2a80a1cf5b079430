package dev.crier.failures;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Answers like an old Redis, because an old Redis cannot be installed beside the current one. */
final class FakeRedis implements AutoCloseable {

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final String version;

    FakeRedis(String version) throws IOException {
        this.version = version;
        start(() -> {
            while (true) {
                Socket client = listener.accept();
                start(() -> answer(client));
            }
        });
    }

    int port() {
        return listener.getLocalPort();
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        var thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // the connection or the server is closed
                    }
                },
                "old redis");
        thread.setDaemon(true);
        thread.start();
    }

    private void answer(Socket client) throws IOException {
        try (client) {
            var in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                int words = Integer.parseInt(line.substring(1));
                String command = "";
                for (int i = 0; i < words; i++) {
                    in.readLine(); // the length
                    String word = in.readLine();
                    command = i == 0 ? word : command;
                }
                client.getOutputStream().write(reply(command).getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private String reply(String command) {
        String info =
                "redis_version:" + version + "\r\nrun_id:" + "a".repeat(40) + "\r\nmaxmemory_policy:noeviction\r\n";
        return switch (command.toUpperCase()) {
            case "HELLO" -> hello();
            case "PING" -> "+PONG\r\n";
            case "INFO" -> "$" + info.length() + "\r\n" + info + "\r\n";
            case "ROLE" -> "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
            default -> "+OK\r\n";
        };
    }

    /** Returns the reply to {@code HELLO}, a command that exists since version 6. */
    private String hello() {
        return version.startsWith("5.")
                ? "-ERR unknown command `HELLO`, with args beginning with: `2`, \r\n"
                : "*4\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:2\r\n";
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
