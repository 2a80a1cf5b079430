package dev.crier.log.redis;

import dev.crier.config.RedisConf;
import dev.crier.event.ChannelName;
import dev.crier.event.EventId;
import dev.crier.event.NewestEvent;
import dev.crier.event.Publication;
import dev.crier.event.PublishException;
import dev.crier.event.Retention;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.KeptEntries;
import dev.crier.log.store.OwnContext;
import dev.crier.log.store.ReadResult;
import dev.crier.log.store.Requester;
import dev.crier.log.store.Store;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Keeps entries in a Redis that several Crier processes can share. Each process is a node of the log. No node talks to
 * another one: Redis decides the order, and each node shows an entry after it has read it from Redis.
 */
public final class RedisStore implements Store {

    private final Vertx vertx;
    private final RedisConf conf;
    private final Function<ChannelName, Optional<Retention>> retention;
    private final long recentBytes;
    private final String id = UUID.randomUUID().toString();
    private final OwnContext own = new OwnContext();
    private final ReadGate reads = new ReadGate();
    private final RedisTrimmer trimmer;
    private RedisNode node;

    /**
     * @param retention what a channel keeps; empty for a channel that is not declared
     * @param recentBytes the approximate size of the recent entries that the event log has in memory
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
        trimmer = new RedisTrimmer(id, retention, emptyChannels);
    }

    @Override
    public long recentBytes() {
        return recentBytes;
    }

    @Override
    public Future<Opened> open(AgeClock clock, Listener listener) {
        own.capture();
        node = new RedisNode(vertx, conf, id, retention, trimmer, clock, listener);
        return node.open();
    }

    @Override
    public Future<Void> probe() {
        return node.probe();
    }

    @Override
    public Future<List<Outcome>> append(List<Publication> publications) {
        return node.append(publications);
    }

    @Override
    public Future<Optional<Outcome>> earlier(Publication publication) {
        return node.withSession(session -> session.link()
                .commands()
                .send(Request.cmd(Command.HGET)
                        .arg(session.keys().receipts())
                        .arg(publication.channel().path() + "\n"
                                + publication.attempt().key()))
                .map(receipt -> Optional.ofNullable(receipt)
                        .flatMap(found -> AppendCall.earlier(publication, found.toString()))
                        .filter(node::hasShown)));
    }

    @Override
    public Future<EventId> newest() {
        return own.call(() -> reads.read(
                Requester.ANYONE, () -> node.withSession(node::newest).compose(node::known)));
    }

    @Override
    public Future<EventId> now(Supplier<EventId> shown) {
        return node.hasCaughtUp() ? Future.succeededFuture(shown.get()) : own.call(node::caughtUp);
    }

    @Override
    public EventId resumption(EventId position) {
        return node.resumption(position);
    }

    @Override
    public boolean hasLost(EventId id) {
        return node.hasLost(id);
    }

    @Override
    public EventId readableThrough(EventId after, EventId through) {
        return node.readableThrough(after, through);
    }

    @Override
    public Future<ReadResult> read(
            ChannelName channel, EventId after, EventId through, long maxBytes, Requester requester) {
        return own.call(() -> reads.read(
                requester, () -> node.withHistory(history -> history.read(channel, after, through, maxBytes))));
    }

    @Override
    public Future<ReadResult.Gap> gap(ChannelName channel, EventId after, Requester requester) {
        return own.call(() -> reads.read(requester, () -> node.withHistory(history -> history.gap(channel, after))));
    }

    @Override
    public Future<Optional<NewestEvent>> newest(ChannelName channel, Requester requester) {
        return own.call(() -> reads.read(requester, () -> node.withHistory(history -> history.newest(channel))));
    }

    @Override
    public Future<KeptEntries> kept(ChannelName channel) {
        return own.call(() -> reads.read(Requester.ANYONE, () -> node.withHistory(history -> history.kept(channel))));
    }

    @Override
    public Future<Boolean> trim(long nowMillis, long receiptsMillis, long wallAheadMillis, EventId settled) {
        return node.trim(nowMillis, receiptsMillis, settled);
    }

    @Override
    public Optional<Shared> shared() {
        return Optional.of(node.shared());
    }

    @Override
    public Future<List<Sharer>> sharers() {
        return own.call(() -> node.withSession(node::sharers));
    }

    @Override
    public Future<Backup> backup() {
        return Future.failedFuture(new PublishException(
                PublishException.Reason.UNAVAILABLE, "the log is in Redis, which has backups of its own (log.store)"));
    }

    /** Returns 0, because idempotency keys are in Redis. */
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
        own.release();
        return node == null ? Future.succeededFuture() : node.close();
    }
}
