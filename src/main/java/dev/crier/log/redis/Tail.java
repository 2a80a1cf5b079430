package dev.crier.log.redis;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * Follows the stream of recent batches and shows each batch once. Each batch names the newest id before it, so a missing batch
 * is noticed, whatever the reason. Only the store's context uses this class.
 *
 * <p>If replicas must have an entry before it is shown, the tail sends a beat after reading the entry, and waits until enough
 * replicas have the beat. Replicas apply writes in order, so they then have the entry too.
 */
final class Tail {

    /** The maximum number of batches in one answer. */
    private static final int MAX_BATCHES = 32;

    /** The approximate limit of the bytes in one answer, which a slow network must carry in time. */
    private static final int MAX_BYTES = 4 << 20;

    private static final long BLOCK_MILLIS = 500;

    /** The longest time that Redis waits for the replicas before it answers. */
    private static final long REPLICAS_MILLIS = 1_000;

    /** Receives the batches. */
    interface Sink {

        /** Shows entries, possibly none. Nothing is missing up to the position. */
        void show(List<Entry> entries, EventId through);

        void forget(Collection<ChannelName> channels);

        /** Reports that too few replicas have the last entries, which are shown later. */
        void unconfirmed();
    }

    private final Session session;
    private final int replicas;
    private final BiFunction<Session, EventId, Request> beat;
    private final Sink sink;
    private EventId position;

    /** The maximum number of batches in the next answer, estimated from the sizes in the last one. */
    private int maxBatches = 1;

    private boolean confirmed = true;
    private boolean stopped;

    /**
     * @param position the position after which the tail reads
     * @param beat returns the beat of this node for a session and the newest id that it has shown
     */
    Tail(Session session, EventId position, int replicas, BiFunction<Session, EventId, Request> beat, Sink sink) {
        this.session = session;
        this.position = position;
        this.replicas = replicas;
        this.beat = beat;
        this.sink = sink;
    }

    void start() {
        read();
    }

    void stop() {
        stopped = true;
    }

    /** Returns whether enough replicas had the last entries when they were last asked. */
    boolean isConfirmed() {
        return confirmed;
    }

    private void read() {
        session.link()
                .tail()
                .send(Request.cmd(Command.XREAD)
                        .arg("COUNT")
                        .arg(maxBatches)
                        .arg("BLOCK")
                        .arg(BLOCK_MILLIS)
                        .arg("STREAMS")
                        .arg(session.keys().recent())
                        .arg(position.toString()))
                .onComplete((answer, failure) -> goOn(failure, () -> {
                    List<Response> batches = answer == null
                            ? List.of()
                            : answer.get(0).get(1).stream().toList();
                    if (replicas == 0) {
                        show(batches);
                    } else {
                        confirm(batches);
                    }
                }));
    }

    /** Shows the batches when enough replicas have them. */
    private void confirm(List<Response> batches) {
        Wire wire = session.link().tail();
        Future<Response> written = wire.send(beat.apply(session, position));
        Future<Response> waited =
                wire.send(Request.cmd(Command.WAIT).arg(replicas).arg(REPLICAS_MILLIS));
        written.compose(beaten -> waited)
                .onComplete((answer, failure) -> goOn(failure, () -> {
                    confirmed = answer.toInteger() >= replicas;
                    if (confirmed) {
                        show(batches);
                    } else {
                        sink.unconfirmed();
                        confirm(batches);
                    }
                }));
    }

    private void goOn(Throwable failure, Runnable next) {
        if (stopped) {
            return;
        }
        if (failure == null) {
            next.run();
        } else {
            session.link().lose(failure);
        }
    }

    private void show(List<Response> batches) {
        var entries = new ArrayList<Entry>();
        EventId through = position;
        int bytes = 0;
        for (Response batch : batches) {
            Response fields = batch.get(1);
            if (!through.toString().equals(fields.get(1).toString())) {
                session.link().lose("the stream of recent batches does not continue after " + through);
                return;
            }
            through = Break.id(batch.get(0).toString());
            switch (fields.get(2).toString()) {
                case "t" -> {
                    bytes += fields.get(5).toBuffer().length();
                    entries.addAll(EntryCodec.batch(through, fields.get(3).toLong(), fields.get(5)));
                }
                case "f" ->
                    sink.forget(Stream.of(fields.get(3).toString().split("\n"))
                            .map(ChannelName::new)
                            .toList());
                default -> {} // the beginning of a run of Redis, which has no entry
            }
        }
        if (through != position) {
            position = through;
            maxBatches = Math.max(1, Math.min(MAX_BATCHES, MAX_BYTES / Math.max(1, bytes / batches.size())));
            sink.show(entries, through);
        }
        read();
    }
}
