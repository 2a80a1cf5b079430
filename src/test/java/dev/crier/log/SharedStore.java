package dev.crier.log;

import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.log.store.Sequencer;
import dev.crier.log.store.Store;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;

/** A store in memory that several event logs share, as several machines share a database. Thread-safe. */
final class SharedStore {

    private final List<Entry> entries = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private Sequencer sequencer;

    /** One event log's connection to the store. */
    final class Node implements Store {

        private Context context;
        private Consumer<List<Entry>> shown;
        private boolean held;
        private final Queue<Runnable> heldBack = new ArrayDeque<>();

        /** Shows nothing to this node until {@link #release}. */
        void hold() {
            synchronized (SharedStore.this) {
                held = true;
            }
        }

        void release() {
            synchronized (SharedStore.this) {
                held = false;
                heldBack.forEach(this::onContext);
                heldBack.clear();
            }
        }

        @Override
        public Future<Opened> open(AgeClock clock, Consumer<List<Entry>> shown) {
            synchronized (SharedStore.this) {
                context = Vertx.currentContext();
                this.shown = shown;
                if (sequencer == null) {
                    sequencer = new Sequencer(clock, new EventId(clock.wallMillis(), 0), List.of());
                }
                nodes.add(this);
                EventId begin = EventId.FIRST;
                return Future.succeededFuture(new Opened(
                        sequencer.newest(),
                        begin,
                        begin,
                        List.copyOf(entries),
                        Map.of(),
                        List.of(),
                        EventId.FIRST,
                        clock.millis(),
                        0));
            }
        }

        @Override
        public Future<List<Outcome>> append(List<Publication> publications) {
            Promise<List<Outcome>> answer = Promise.promise();
            synchronized (SharedStore.this) {
                Sequencer.Batch batch = sequencer.sequence(publications);
                entries.addAll(batch.entries());
                for (Node node : nodes) {
                    node.show(batch.entries());
                }
                show(() -> answer.complete(batch.outcomes()));
            }
            return answer.future();
        }

        private void show(List<Entry> appended) {
            if (!appended.isEmpty()) {
                show(() -> shown.accept(appended));
            }
        }

        private void show(Runnable work) {
            if (held) {
                heldBack.add(work);
            } else {
                onContext(work);
            }
        }

        private void onContext(Runnable work) {
            context.runOnContext(turn -> work.run());
        }

        @Override
        public Future<Optional<Outcome>> earlier(Publication publication) {
            synchronized (SharedStore.this) {
                return Future.succeededFuture(sequencer.earlier(publication));
            }
        }

        @Override
        public Future<EventId> newest() {
            synchronized (SharedStore.this) {
                return Future.succeededFuture(sequencer.newest());
            }
        }

        @Override
        public Future<Trimmed> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled) {
            synchronized (SharedStore.this) {
                sequencer.dropReceiptsBefore(receiptsMillis);
            }
            return Future.succeededFuture(new Trimmed(false, List.of()));
        }

        @Override
        public long memoryBytes() {
            return sequencer.memoryBytes();
        }

        @Override
        public Future<Void> close() {
            synchronized (SharedStore.this) {
                nodes.remove(this);
            }
            return Future.succeededFuture();
        }

        @Override
        public long recentBytes() {
            return Long.MAX_VALUE;
        }

        @Override
        public Future<Void> probe() {
            return Future.succeededFuture();
        }

        @Override
        public Future<ReadResult> read(ChannelName channel, EventId after, EventId through, Requester requester) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<Backup> backup() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long fileBytes() {
            return 0;
        }
    }
}
