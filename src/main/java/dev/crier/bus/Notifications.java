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
    private static final Codec CODEC = new Codec();

    private record Notification(Set<ChannelName> channels) {}

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

    /** Notifies every event loop of all these channels, by one message. The caller must not change the set afterwards. Does nothing after {@link #close}, when no subscriber is left. */
    public void send(Set<ChannelName> channels) {
        if (open) {
            vertx.eventBus().publish(ADDRESS, new Notification(channels), options);
        }
    }

    /** Calls the consumer on the current context, once for each channel, until it is unregistered. */
    public MessageConsumer<?> consume(Consumer<ChannelName> consumer) {
        return vertx.eventBus()
                .<Notification>localConsumer(
                        ADDRESS, message -> message.body().channels().forEach(consumer));
    }

    public void close() {
        open = false;
        vertx.eventBus().unregisterCodec(CODEC.name());
    }

    /** Passes an immutable notification on as it is. */
    private static final class Codec implements MessageCodec<Notification, Notification> {

        @Override
        public String name() {
            return "crier-notification";
        }

        @Override
        public Notification transform(Notification notification) {
            return notification;
        }

        @Override
        public void encodeToWire(Buffer buffer, Notification notification) {
            throw new UnsupportedOperationException("notifications stay in their process");
        }

        @Override
        public Notification decodeFromWire(int position, Buffer buffer) {
            throw new UnsupportedOperationException("notifications stay in their process");
        }

        @Override
        public byte systemCodecID() {
            return -1;
        }
    }
}
