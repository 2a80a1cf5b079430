package dev.crier.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.impl.tcp.NetServerImpl;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Adds handlers to the channel that accepts the connections of a listener. Depends on internals of Vert.x; if they have
 * changed, no handler is added, and connections are counted when Vert.x reports them.
 */
public final class ListenerChannel {

    private ListenerChannel() {}

    /**
     * Adds a handler before all others of the listener on this host and port. Does nothing if the listener has a handler of
     * this name, because the verticles of all event loops share the listener and each calls this.
     */
    public static Future<Void> addFirst(
            Vertx vertx, String host, int port, String name, Supplier<ChannelHandler> handler) {
        Promise<Void> added = Promise.promise();
        find(vertx, host, port)
                .ifPresentOrElse(
                        listener -> listener.eventLoop().execute(() -> {
                            if (listener.isOpen() && listener.pipeline().get(name) == null) {
                                listener.pipeline().addFirst(name, handler.get());
                            }
                            added.complete();
                        }),
                        added::complete);
        return added.future();
    }

    private static Optional<Channel> find(Vertx vertx, String host, int port) {
        if (!(vertx instanceof VertxInternal internal)) {
            return Optional.empty();
        }
        // Vert.x appends "/" and an id to the host of a listener on any free port
        return internal.sharedTcpServers().entrySet().stream()
                .filter(server -> server.getValue().actualPort() == port)
                .filter(server -> (server.getKey().host() + "/").startsWith(host + "/"))
                .map(Map.Entry::getValue)
                .findFirst()
                .flatMap(ListenerChannel::channel);
    }

    private static Optional<Channel> channel(Object server) {
        try {
            var bound = NetServerImpl.class.getDeclaredField("bindFuture");
            bound.setAccessible(true);
            return bound.get(server) instanceof Future<?> future && future.result() instanceof Channel channel
                    ? Optional.of(channel)
                    : Optional.empty();
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty();
        }
    }
}
