package dev.crier.bus;

import dev.crier.event.ChannelName;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageCodec;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Sends every event loop the names of channels that have new entries. A second notification is harmless, and a lost one only
 * delays subscribers.
 *
 * <p>The context of the event log opens, sends and closes; any context may consume.
 */
public final class Notifications {

    private static final String ADDRESS = "crier.notification";
    private static final ChannelCodec CODEC = new ChannelCodec();

    private final Vertx vertx;
    private final DeliveryOptions options = new DeliveryOptions().setCodecName(CODEC.name());
    private boolean open;

    public Notifications(Vertx vertx) {
        this.vertx = vertx;
    }

    public void open() {
        vertx.eventBus().registerCodec(CODEC);
        open = true;
    }

    /** Notifies every event loop. Does nothing after {@link #close}, when no subscriber is left. */
    public void send(Set<ChannelName> channels) {
        if (open) {
            channels.forEach(channel -> vertx.eventBus().publish(ADDRESS, channel, options));
        }
    }

    /** Calls the consumer on the current context, once for each channel, until it is unregistered. */
    public MessageConsumer<ChannelName> consume(Consumer<ChannelName> consumer) {
        return vertx.eventBus().localConsumer(ADDRESS, message -> consumer.accept(message.body()));
    }

    public void close() {
        open = false;
        vertx.eventBus().unregisterCodec(CODEC.name());
    }

    /** Passes the immutable name on as it is. */
    private static final class ChannelCodec implements MessageCodec<ChannelName, ChannelName> {

        @Override
        public String name() {
            return "crier-channel";
        }

        @Override
        public ChannelName transform(ChannelName channel) {
            return channel;
        }

        @Override
        public void encodeToWire(Buffer buffer, ChannelName channel) {
            throw new UnsupportedOperationException("notifications stay in their process");
        }

        @Override
        public ChannelName decodeFromWire(int position, Buffer buffer) {
            throw new UnsupportedOperationException("notifications stay in their process");
        }

        @Override
        public byte systemCodecID() {
            return -1;
        }
    }
}
