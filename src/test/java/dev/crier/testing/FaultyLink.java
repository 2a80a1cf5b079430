package dev.crier.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Relays TCP connections to a local port, and fails on demand: it closes, refuses, holds or drops.
 *
 * <p>Both directions fail separately, because a lost request and a lost reply have different effects: Redis runs a command
 * whose reply is lost. A dropped byte must never be followed by a later one, so a connection that has lost bytes is closed when
 * bytes pass again.
 */
public final class FaultyLink implements AutoCloseable {

    /** The treatment of bytes in one direction, and of the end of a connection. */
    public enum Flow {
        PASS,
        /** Nothing passes, and nothing is lost: it passes later. */
        HOLD,
        /** Nothing passes. A connection that has lost bytes is closed when bytes pass again. */
        DROP
    }

    private static final int BUFFER = 1_048_576;

    private volatile int server;
    private final int port;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private ServerSocket listener;
    private Thread acceptor;
    private Flow requests = Flow.PASS;
    private Flow replies = Flow.PASS;
    private Optional<String> replyToLose = Optional.empty();
    private Optional<String> replyToHold = Optional.empty();

    /** The connection whose replies are held since {@link #holdReplyWith}; null if there is none. */
    private Connection held;

    private int lostReplies;
    private volatile boolean closed;

    /** Listens on a free port, and relays to this port of 127.0.0.1, which need not be open yet. */
    public FaultyLink(int server) throws IOException {
        this.server = server;
        listen(0);
        port = listener.getLocalPort();
    }

    public int port() {
        return port;
    }

    /** Relays new connections to this port, like a host name that has moved to another server. Open connections stay. */
    public void leadTo(int port) {
        server = port;
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** Sets the flow from clients to the server. */
    public synchronized void requests(Flow flow) {
        requests = flow;
        closeThoseWithLosses();
        notifyAll();
    }

    /** Sets the flow from the server to clients. */
    public synchronized void replies(Flow flow) {
        replies = flow;
        closeThoseWithLosses();
        notifyAll();
    }

    public synchronized void both(Flow flow) {
        requests(flow);
        replies(flow);
    }

    private void closeThoseWithLosses() {
        connections.stream()
                .filter(connection -> connection.hasLostRequests && requests != Flow.DROP
                        || connection.hasLostReplies && replies != Flow.DROP)
                .forEach(Connection::close);
    }

    /**
     * Loses the reply to the next request with this text: the server runs the request, and the connection is closed before the
     * reply reaches the client. The text must arrive in one piece.
     */
    public synchronized void loseReplyTo(String text) {
        replyToLose = Optional.of(text);
    }

    /** Returns the number of connections that were closed by {@link #loseReplyTo}. */
    public synchronized int lostReplies() {
        return lostReplies;
    }

    /**
     * Holds the next reply with this text, and all later ones of its connection, until {@link #releaseReply}. Other connections
     * are not held.
     */
    public synchronized void holdReplyWith(String text) {
        replyToHold = Optional.of(text);
    }

    /** Returns whether a reply is held since {@link #holdReplyWith}. */
    public synchronized boolean isHoldingReply() {
        return held != null;
    }

    public synchronized void releaseReply() {
        held = null;
        notifyAll();
    }

    /** Returns the number of open connections. */
    public int connections() {
        return connections.size();
    }

    /** Closes every connection. */
    public void cutAll() {
        connections.forEach(Connection::close);
    }

    /** Refuses new connections. Open connections stay. */
    public void refuse() throws IOException, InterruptedException {
        listener.close();
        acceptor.join(); // until the thread ends, the kernel still accepts connections
    }

    /** Accepts connections again after {@link #refuse}. */
    public void accept() throws IOException {
        listen(port);
    }

    private void listen(int port) throws IOException {
        var socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        listener = socket;
        acceptor = start("link", () -> accept(socket));
    }

    private void accept(ServerSocket from) throws IOException {
        while (true) {
            Socket client = from.accept();
            try {
                var connection = new Connection(client, new Socket(InetAddress.getLoopbackAddress(), server));
                connections.add(connection);
                if (closed) {
                    connection.close();
                }
                start("link requests", connection::relayRequests);
                start("link replies", connection::relayReplies);
            } catch (IOException e) {
                client.setSoLinger(true, 0); // a reset, because the server refuses the connection
                client.close();
            }
        }
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static Thread start(String name, Work work) {
        var thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException | InterruptedException e) {
                        // the connection or the listener is closed
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private final class Connection {

        private final Socket client;
        private final Socket upstream;

        // guarded by the link
        private boolean hasLostRequests;
        private boolean hasLostReplies;
        private boolean losesReply;

        Connection(Socket client, Socket upstream) throws IOException {
            this.client = client;
            this.upstream = upstream;
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
        }

        void relayRequests() throws IOException, InterruptedException {
            var buffer = new byte[BUFFER];
            for (int read = read(client, buffer); read >= 0; read = read(client, buffer)) {
                boolean last;
                synchronized (FaultyLink.this) {
                    while (requests == Flow.HOLD && !closed) {
                        FaultyLink.this.wait();
                    }
                    if (hasLostRequests || requests == Flow.DROP) {
                        hasLostRequests = true;
                        continue;
                    }
                    last = isToLose(buffer, read);
                }
                upstream.getOutputStream().write(buffer, 0, read);
                if (last) {
                    upstream.shutdownOutput();
                    return;
                }
            }
            synchronized (FaultyLink.this) {
                while (requests != Flow.PASS && !closed) {
                    FaultyLink.this.wait();
                }
            }
            close();
        }

        private static boolean contains(byte[] buffer, int read, Optional<String> text) {
            return text.filter(new String(buffer, 0, read, StandardCharsets.ISO_8859_1)::contains)
                    .isPresent();
        }

        private boolean isToLose(byte[] buffer, int read) {
            if (!contains(buffer, read, replyToLose)) {
                return false;
            }
            replyToLose = Optional.empty();
            losesReply = true;
            return true;
        }

        void relayReplies() throws IOException, InterruptedException {
            var buffer = new byte[BUFFER];
            for (int read = read(upstream, buffer); read >= 0; read = read(upstream, buffer)) {
                synchronized (FaultyLink.this) {
                    if (contains(buffer, read, replyToHold)) {
                        replyToHold = Optional.empty();
                        held = this;
                    }
                    while ((replies == Flow.HOLD || held == this) && !closed) {
                        FaultyLink.this.wait();
                    }
                    if (hasLostReplies || replies == Flow.DROP || losesReply) {
                        hasLostReplies |= !losesReply;
                        continue;
                    }
                }
                client.getOutputStream().write(buffer, 0, read);
            }
            synchronized (FaultyLink.this) {
                while (replies != Flow.PASS && !closed) {
                    FaultyLink.this.wait();
                }
                lostReplies += losesReply ? 1 : 0;
            }
            close();
        }

        /** Reads bytes. Returns -1 at the end of the connection, even if it was reset. */
        private static int read(Socket socket, byte[] buffer) throws IOException {
            InputStream in = socket.getInputStream();
            try {
                return in.read(buffer);
            } catch (IOException e) {
                return -1;
            }
        }

        void close() {
            connections.remove(this);
            try {
                client.close();
                upstream.close();
            } catch (IOException e) {
                // the socket is closed all the same
            }
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
        synchronized (this) {
            notifyAll();
        }
        cutAll();
    }
}
