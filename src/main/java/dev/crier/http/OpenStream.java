package dev.crier.http;

import dev.crier.fanout.Subscriber;
import dev.crier.limit.Limits;
import dev.crier.limit.ReservedBytes;
import dev.crier.transport.StreamConnections;
import io.vertx.core.http.HttpConnection;
import java.util.Optional;

/** A stream from its head to its end. When it ends, in any way, its resources are released once. */
final class OpenStream {

    private final String address;
    private final HttpConnection connection;
    private final Optional<ReservedBytes> channelNames;
    private final Optional<AccessLog> accessLog;
    private final Limits limits;
    private final StreamConnections connections;

    /** Null until the position where the stream starts is known. */
    private Subscriber subscriber;

    private boolean ended;

    /**
     * @param address the client address that the subscriber counts for
     * @param channelNames empty if the subscriber follows a single channel
     */
    OpenStream(
            String address,
            HttpConnection connection,
            Optional<ReservedBytes> channelNames,
            Optional<AccessLog> accessLog,
            Limits limits,
            StreamConnections connections) {
        this.address = address;
        this.connection = connection;
        this.channelNames = channelNames;
        this.accessLog = accessLog;
        this.limits = limits;
        this.connections = connections;
    }

    /** Called when the subscriber is registered. The client may have left before. */
    void joined(Subscriber joined) {
        if (ended) {
            joined.leave();
        } else {
            subscriber = joined;
        }
    }

    void end() {
        if (!ended) {
            ended = true;
            if (subscriber != null) {
                subscriber.leave();
            }
            limits.subscribers().remove(address);
            channelNames.ifPresent(ReservedBytes::release);
            connections.eventStreamEnded(connection);
            accessLog.ifPresent(AccessLog::write);
        }
    }
}
