package dev.crier.log.redis;

import dev.crier.config.RedisConf;
import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Publication.Attempt;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.OwnContext;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.log.store.Store;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps entries in Redis, which several processes of Crier share. Each is a node of the log. No node talks to another: Redis
 * decides the order, and each node shows every entry when it has read it from Redis.
 *
 * <p>The class is long because it implements each operation of {@link Store}. {@link Membership} has the connection.
 */
public final class RedisStore implements Store {

    private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);

    private final Vertx vertx;
    private final RedisConf conf;
    private final Function<ChannelName, Optional<Retention>> retention;
    private final long recentBytes;
    private final OwnContext own = new OwnContext();
    private final ReadGate reads = new ReadGate();
    private final Membership membership;
    private final Batches batches;
    private final RedisTrimmer trimmer;
    private AgeClock clock;
    private Listener listener;

    /** The current session; null while there is no connection. */
    private Session session;

    private History history;
    private Tail tail;

    /** The position up to which entries have been shown. */
    private EventId shown = EventId.FIRST;

    /** The epoch in which they were shown; "" before the log is open. */
    private String epoch = "";

    /** Why the log cannot be used at present. */
    private Throwable problem = new RedisUnavailableException("Redis: not connected yet");

    /**
     * @param retention what a channel keeps; empty for a channel that is not declared
     * @param recentBytes about how many bytes of recent entries the event log has in memory
     * @param emptyChannels the number of channels without entries for which Redis records what each has lost
     */
    public RedisStore(
            Vertx vertx,
            RedisConf conf,
            Function<ChannelName, Optional<Retention>> retention,
            long recentBytes,
            int emptyChannels) {
        this.vertx = vertx;
        this.conf = conf;
        this.retention = retention;
        this.recentBytes = recentBytes;
        String node = UUID.randomUUID().toString();
        membership = new Membership(vertx, conf, node, this::nowMillis, new Membership.Node() {
            @Override
            public EventId shown() {
                return shown;
            }

            @Override
            public String epoch() {
                return epoch;
            }

            @Override
            public Future<Void> joined(Joined joined) {
                return RedisStore.this.rejoined(joined);
            }

            @Override
            public void lost(Throwable cause) {
                RedisStore.this.lost(cause);
            }
        });
        batches = new Batches(vertx, node, retention, this::nowMillis);
        trimmer = new RedisTrimmer(node, retention, emptyChannels);
    }

    private long nowMillis() {
        return clock.millis();
    }

    @Override
    public long recentBytes() {
        return recentBytes;
    }

    @Override
    public Future<Opened> open(AgeClock clock, Listener listener) {
        own.capture();
        this.clock = clock;
        this.listener = listener;
        return membership
                .connect()
                .compose(joined -> new StateLoader(joined.session(), retention)
                        .load()
                        .map(loaded -> opened(joined, loaded))
                        .onFailure(failure -> joined.session().link().close()));
    }

    private Opened opened(Joined joined, StateLoader.Loaded loaded) {
        shown = joined.state().whole();
        begin(joined);
        vertx.runOnContext(afterwards -> tail.start()); // nothing is shown before the log has this state
        return state(joined.state(), loaded);
    }

    private Opened state(LogState state, StateLoader.Loaded loaded) {
        EventId floor = state.whole();
        return new Opened(
                floor,
                state.begin(),
                floor,
                loaded.latestThrough(floor),
                Map.of(),
                loaded.channels(),
                state.forgotten(),
                state.millis(),
                clock.wallMillis() - state.millis());
    }

    /**
     * Prepares to go on after a lost connection. If entries may be missing after those that were shown, the event log gets
     * the new state. Latest values that Redis has lost are appended again, because this node still has them.
     */
    private Future<Void> rejoined(Joined joined) {
        LogState state = joined.state();
        boolean broken = !state.epoch().equals(epoch);
        if (!broken && !shown.isBefore(state.whole())) {
            begin(joined);
            tail.start();
            return Future.succeededFuture();
        }
        return new StateLoader(joined.session(), retention)
                .load()
                .compose(loaded -> broken
                        ? batches.restore(joined.session(), loaded.missing(listener.latest()))
                                .map(loaded)
                        : Future.succeededFuture(loaded))
                .map(loaded -> {
                    if (broken) {
                        LOG.warn(
                                "Redis has lost entries after {}, or may have lost some: subscribers get a gap there",
                                state.lastBreak().after());
                    }
                    shown = state.whole();
                    listener.reopen(state(state, loaded));
                    begin(joined);
                    tail.start();
                    return null;
                });
    }

    private void begin(Joined joined) {
        LogState state = joined.state();
        boolean broken = !state.epoch().equals(epoch);
        session = joined.session();
        epoch = state.epoch();
        history = new History(session, state.breaks());
        tail = new Tail(session, shown, conf.replicas(), membership::beat, new Tail.Sink() {
            @Override
            public void show(List<Entry> entries, EventId through) {
                RedisStore.this.show(entries, through);
            }

            @Override
            public void forget(Collection<ChannelName> channels) {
                listener.forget(channels);
            }

            @Override
            public void unconfirmed(String problem) {
                listener.failed(new RedisUnavailableException(problem + " (log.redis.replicas)"));
            }
        });
        membership.watch(session);
        batches.shown(shown);
        batches.connected(session, broken);
    }

    private void show(List<Entry> entries, EventId through) {
        shown = through;
        if (!entries.isEmpty()) {
            listener.show(entries);
            trimmer.shown(entries);
        }
        batches.shown(through);
    }

    private void lost(Throwable cause) {
        problem = cause;
        session = null;
        history = null;
        tail.stop();
        batches.disconnected();
        listener.failed(cause);
    }

    @Override
    public Future<Void> probe() {
        if (session != null && !tail.isConfirmed()) {
            return Future.failedFuture(new RedisUnavailableException(
                    "fewer than " + conf.replicas() + " replicas have the last entries (log.redis.replicas)"));
        }
        return session == null ? Future.failedFuture(problem) : batches.probe();
    }

    @Override
    public Future<List<Outcome>> append(List<Publication> publications) {
        return session == null ? Future.failedFuture(problem) : batches.append(publications);
    }

    @Override
    public Future<Optional<Outcome>> earlier(Publication publication) {
        Attempt attempt = publication.attempt();
        return session == null
                ? Future.failedFuture(problem)
                : session.link()
                        .commands()
                        .send(Request.cmd(Command.HGET)
                                .arg(session.keys().receipts())
                                .arg(publication.channel().path() + "\n" + attempt.key()))
                        .map(receipt -> receipt == null
                                ? Optional.empty()
                                : Optional.of(Batches.earlier(publication, receipt.toString())));
    }

    @Override
    public Future<EventId> newest() {
        return own.call(() -> session == null
                ? Future.failedFuture(problem)
                : session.link()
                        .reads()
                        .send(Request.cmd(Command.HGET)
                                .arg(session.keys().log())
                                .arg("newest"))
                        .map(id -> Break.id(id.toString())));
    }

    @Override
    public Future<ReadResult> read(ChannelName channel, EventId after, EventId through, Requester requester) {
        return own.call(() -> reads.read(requester, () -> history().read(channel, after, through)));
    }

    @Override
    public Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
        return own.call(() -> reads.read(requester, () -> history().gap(channel, after)));
    }

    private History history() {
        if (history == null) {
            throw new RedisUnavailableException(problem.getMessage());
        }
        return history;
    }

    @Override
    public Future<Boolean> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled) {
        Session trimmed = session;
        return trimmed == null
                ? Future.succeededFuture(false)
                : trimmer.step(trimmed, nowMillis, receiptsMillis, settled)
                        .recover(failure ->
                                trimmed == session ? Future.failedFuture(failure) : Future.succeededFuture(false));
    }

    @Override
    public Future<Backup> backup() {
        return Future.failedFuture(new PublishException(
                PublishException.Reason.UNAVAILABLE, "the log is in Redis, which has backups of its own (log.store)"));
    }

    /** Returns 0: idempotency keys are in Redis. */
    @Override
    public long memoryBytes() {
        return 0;
    }

    @Override
    public long fileBytes() {
        return 0;
    }

    @Override
    public Future<Void> close() {
        if (tail != null) {
            tail.stop();
        }
        batches.close();
        Session left = session;
        session = null;
        history = null;
        problem = new RedisUnavailableException("the log is closed");
        return membership.close(left).onComplete(closed -> own.release());
    }
}
