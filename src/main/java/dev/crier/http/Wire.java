package dev.crier.http;

import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * What Vert.x does not offer of a connection. It knows one from inside; where that is not what it expects, it does what
 * Vert.x offers.
 */
final class Wire {

    /** More than ever waits for a client that reads its answers: what streams have to say waits apart from that. */
    private static final long MOST_WAITING = 256 << 10;

    private Wire() {}

    /** Whether so much waits to be sent that its client cannot be reading. */
    static boolean isFull(HttpConnection connection) {
        return connection instanceof ConnectionBase known && known.channel().bytesBeforeWritable() > MOST_WAITING;
    }

    /** Closes it at once, whatever waits in it: Vert.x would send that first, to a client that may never read it. */
    static void cut(HttpConnection connection) {
        if (connection instanceof ConnectionBase known) {
            cut(known.channel());
        } else {
            connection.close();
        }
    }

    /**
     * Closes it at once. Not by its pipeline, in which TLS would first wait for seconds until its last record is taken. For
     * the event loop of the connection.
     */
    static void cut(Channel connection) {
        connection.unsafe().close(connection.unsafe().voidPromise());
    }
}
