package dev.crier.bus;

import dev.crier.event.ChannelName;
import dev.crier.event.Event;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The event bus addresses, and what goes over them. */
public final class Bus {

    /**
     * Where any verticle publishes: a request with a {@link JsonObject} of {@code channel} (the name of a declared
     * channel), {@code data} (a text) and, if wanted, {@code event} (the event type). The reply is the event's id, a
     * text. A failure has the number of a {@link PublishException.Reason} as its code, and says why in its message.
     */
    public static final String PUBLISH = "crier.publish";

    /** Where it is told that a channel has grown: a {@link ChannelName}. */
    private static final String RING = "crier.ring";

    private static final Logger LOG = LoggerFactory.getLogger(Bus.class);
    private static final LocalCodec<ChannelName> CHANNELS = new LocalCodec<>("crier-channel");

    private final Vertx vertx;

    /** Where the log is written, and how; for any thread. */
    private volatile Optional<Writer> writer = Optional.empty();

    /** Whether channel names can be sent. The writer's context alone uses it. */
    private boolean rings;

    private record Writer(Context context, Function<Publication, Future<List<EventId>>> append) {}

    public Bus(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Publishes as any verticle does; the answer is the event's id. */
    public Future<String> publish(ChannelName channel, Event event) {
        var publication = new JsonObject()
                .put("channel", channel.path())
                .put("event", event.type())
                .put("data", event.data());
        return vertx.eventBus().<String>request(PUBLISH, publication).map(Message::body);
    }

    /**
     * Publishes from within Crier, by the bus that takes publications in: the same way into the log, but past the event bus,
     * whose messages, replies and timers would be a twentieth of the work. The failure is a {@link PublishException}. The answer
     * comes in a turn of the caller's own, behind the ring.
     */
    public Future<List<EventId>> publish(Publication publication) {
        Optional<Writer> known = writer;
        if (known.isEmpty()) {
            return Future.failedFuture(new PublishException(PublishException.Reason.UNAVAILABLE, "the log is closed"));
        }
        Writer open = known.get();
        Context caller = vertx.getOrCreateContext();
        Promise<List<EventId>> ids = Promise.promise();
        open.context()
                .runOnContext(turn -> Future.succeededFuture(publication)
                        .compose(open.append())
                        .onComplete((stored, failure) -> caller.runOnContext(back -> ids.complete(stored, failure))));
        return ids.future();
    }

    /** Takes publications to the log, in the context of the caller, until it is closed. */
    public Intake onPublish(Function<Publication, Future<List<EventId>>> append) {
        vertx.eventBus().registerCodec(CHANNELS);
        rings = true;
        writer = Optional.of(new Writer(vertx.getOrCreateContext(), append));
        MessageConsumer<Object> foreign = vertx.eventBus()
                .localConsumer(
                        PUBLISH,
                        message -> parse(message.body())
                                .compose(append)
                                .onSuccess(stored -> message.reply(stored.get(0).toString()))
                                .onFailure(failure -> {
                                    tell(failure);
                                    refuse(message, failure);
                                }));
        return new Intake(foreign);
    }

    /** What takes publications in. */
    public final class Intake {

        private final MessageConsumer<Object> foreign;

        private Intake(MessageConsumer<Object> foreign) {
            this.foreign = foreign;
        }

        public Future<?> open() {
            return foreign.completion();
        }

        public Future<?> close() {
            writer = Optional.empty();
            return foreign.unregister().andThen(done -> {
                rings = false;
                vertx.eventBus().unregisterCodec(CHANNELS.name());
            });
        }
    }

    /** Tells every event loop that the channels have grown. After the intake is closed, no subscriber is left to be told. */
    public void ring(Set<ChannelName> channels) {
        if (!rings) {
            return;
        }
        var options = new DeliveryOptions().setCodecName(CHANNELS.name());
        channels.forEach(channel -> vertx.eventBus().publish(RING, channel, options));
    }

    public MessageConsumer<ChannelName> onRing(Consumer<ChannelName> ring) {
        return vertx.eventBus().localConsumer(RING, message -> ring.accept(message.body()));
    }

    private static Future<Publication> parse(Object body) {
        if (!(body instanceof JsonObject publication)) {
            return malformed("the body: " + kind(body), "a JSON object");
        }
        Object channel = publication.getValue("channel");
        Object event = publication.getValue("event");
        Object type = event == null ? "" : event;
        Object data = publication.getValue("data");
        if (!(channel instanceof String name && ChannelName.isValid(name))) {
            return malformed("channel: " + Json.encode(channel), ChannelName.EXPECTED);
        }
        if (!(type instanceof String typeName && Event.isPublishable(typeName))) {
            return malformed("event: " + Json.encode(type), Event.EXPECTED_TYPE);
        }
        if (!(data instanceof String text && Event.isText(text))) {
            return malformed("data: " + kind(data), "a text");
        }
        return Future.succeededFuture(
                new Publication(new ChannelName(name), List.of(new Event(typeName, text)), Publication.Attempt.ONCE));
    }

    private static Future<Publication> malformed(String what, String expected) {
        return Future.failedFuture(
                new PublishException(PublishException.Reason.MALFORMED, what + " (expected: " + expected + ")"));
    }

    /** Not the value: what is published does not belong into a log. */
    private static String kind(Object value) {
        return value == null ? "missing" : "of the type " + value.getClass().getSimpleName();
    }

    /**
     * Logs it as well, since a publisher that does not wait for the answer would never know. That the event log cannot store
     * or is full it logs by itself, and once.
     */
    private static void tell(Throwable failure) {
        if (failure instanceof PublishException refusal
                && refusal.reason().code() == PublishException.Reason.UNAVAILABLE.code()) {
            LOG.debug("A publication was refused: {}", failure.getMessage());
        } else {
            LOG.warn("A publication was refused: {}", failure.getMessage());
        }
    }

    private static void refuse(Message<?> message, Throwable failure) {
        int code = failure instanceof PublishException refusal
                ? refusal.reason().code()
                : PublishException.Reason.UNAVAILABLE.code();
        message.fail(code, failure.getMessage());
    }
}
