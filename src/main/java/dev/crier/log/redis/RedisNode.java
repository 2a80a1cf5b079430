package dev.crier.log.redis;

import dev.crier.config.RedisConf;
import dev.crier.config.file.ConfException;
import dev.crier.event.ChannelName;
import dev.crier.event.Entry;
import dev.crier.event.EventId;
import dev.crier.event.Publication;
import dev.crier.event.Retention;
import dev.crier.log.store.AgeClock;
import dev.crier.log.store.Store.Listener;
import dev.crier.log.store.Store.Opened;
import dev.crier.log.store.Store.Outcome;
import dev.crier.log.store.Store.Shared;
import dev.crier.log.store.Store.Sharer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as a node of the log: the position up to which it has shown entries, and its current session. Only the store's
 * context uses this class.
 *
 * <p>All decisions after a new connection are here, because they depend on both. If the stream of recent batches still has
 * everything after the shown position, the node continues there. Otherwise the event log gets a new state. If entries that were
 * shown may be lost, the node also appends its latest events again.
 *
 * <p>The class is long because what each step may do depends on the session and on the shown position.
 */
final class RedisNode implements Membership.Node, Tail.Sink {

    private static final Logger LOG = LoggerFactory.getLogger(RedisStore.class);

    private final Vertx vertx;
    private final String id;
    private final int replicas;
    private final Function<ChannelName, Optional<Retention>> retention;
    private final AgeClock clock;
    private final Listener listener;
    private final Batches batches;
    private final RedisTrimmer trimmer;
    private final Membership membership;

    /** The current session; null while there is no connection. */
    private Session session;

    private History history;
    private Tail tail;

    /** What this node had to show when it joined last; null until the log is open. */
    private volatile Backlog backlog;

    /** The position up to which entries have been shown. */
    private EventId shown = EventId.FIRST;

    /** For each channel whose latest event was appended again, the id of the newest one. Removed when that event is shown. */
    private Map<ChannelName, EventId> latest = new HashMap<>();

    private volatile boolean connected;

    /** The breaks that this node knows; null until the log is open. */
    private volatile Breaks breaks;

    /** Why the log cannot be used at present. */
    private RedisUnavailableException problem = new RedisUnavailableException("Redis: not connected yet");

    RedisNode(
            Vertx vertx,
            RedisConf conf,
            String id,
            Function<ChannelName, Optional<Retention>> retention,
            RedisTrimmer trimmer,
            AgeClock clock,
            Listener listener) {
        this.vertx = vertx;
        this.id = id;
        this.replicas = conf.replicas();
        this.retention = retention;
        this.trimmer = trimmer;
        this.clock = clock;
        this.listener = listener;
        batches = new Batches(vertx, id, new AppendCall(retention, clock::millis));
        membership = new Membership(vertx, conf, id, clock::millis, this);
    }

    /** Connects for the first time. After that, the node reconnects by itself. */
    Future<Opened> open() {
        return membership
                .connect()
                .compose(joined -> new StateLoader(joined.session(), retention)
                        .load()
                        .map(loaded -> opened(joined, loaded))
                        .onFailure(failure -> joined.session().link().close()));
    }

    private Opened opened(Joined joined, StateLoader.Loaded loaded) {
        shown = joined.state().whole();
        backlog = backlog(joined);
        begin(joined);
        vertx.runOnContext(afterwards -> tail.start()); // the event log needs its state before it is shown entries
        return state(joined.state(), loaded);
    }

    private Backlog backlog(Joined joined) {
        return new Backlog(vertx, joined.state().newest(), () -> newest(joined.session()));
    }

    private Opened state(LogState state, StateLoader.Loaded loaded) {
        EventId floor = state.whole();
        return new Opened(
                floor,
                state.breaks().begin(),
                floor,
                loaded.latestThrough(floor),
                Map.of(), // the tail shows all entries after the floor, also those that retention has dropped since
                loaded.channels(),
                state.forgotten(),
                state.millis(),
                clock.wallMillis() - state.millis());
    }

    @Override
    public EventId shown() {
        return shown;
    }

    /** Returns the connection at present. Thread-safe. */
    Shared shared() {
        Breaks known = breaks;
        String epoch = known == null ? "" : known.last().through().toString();
        return new Shared(connected, membership.delayMillis(), epoch);
    }

    /** Returns the nodes that have not left. */
    Future<List<Sharer>> sharers(Session current) {
        return current.link()
                .reads()
                .send(Request.cmd(Command.HGETALL).arg(current.keys().nodes()))
                .map(nodes -> nodes.getKeys().stream()
                        .map(name -> sharer(name, nodes.get(name).toString()))
                        .toList());
    }

    /** @param beat when the node has beaten last, by the log's own time, and the newest id that it has shown */
    private Sharer sharer(String name, String beat) {
        long millis = Long.parseLong(beat.substring(0, beat.indexOf(' ')));
        return new Sharer(name, Math.max(0, clock.millis() - millis), name.equals(id));
    }

    /** See {@link Breaks#resumption}. Thread-safe. */
    EventId resumption(EventId position) {
        return breaks.resumption(position);
    }

    /** See {@link Breaks#hasLost}. Thread-safe. */
    boolean hasLost(EventId id) {
        return breaks.hasLost(id);
    }

    /** Returns the beginning of the next break, or the second position if that comes first. Thread-safe. */
    EventId readableThrough(EventId after, EventId through) {
        return breaks.next(after, through);
    }

    /** Returns the log's newest id, whether or not it has been shown here. */
    Future<EventId> newest(Session at) {
        return at.link()
                .reads()
                .send(Request.cmd(Command.HGET).arg(at.keys().log()).arg("newest"))
                .map(newest -> Break.id(newest.toString()));
    }

    /** Returns whether this node has shown everything that the log had when this node joined. Thread-safe. */
    boolean hasCaughtUp() {
        return backlog.hasEnded();
    }

    /** See {@link Backlog#ended}. */
    Future<EventId> caughtUp() {
        return backlog.ended();
    }

    /** Returns the log's newest id. Fails if another node has recorded a break, until this node has joined again. */
    Future<EventId> known(EventId newest) {
        return Break.epochNumber(newest) == Break.epochNumber(breaks.last().through())
                ? Future.succeededFuture(newest)
                : Future.failedFuture(
                        new RedisUnavailableException("another node has found that Redis has lost entries"));
    }

    /** Returns whether this node has shown the entries of an earlier attempt. Until then, Redis may still lose them. */
    boolean hasShown(Outcome earlier) {
        return !shown.isBefore(AppendCall.last(earlier));
    }

    @Override
    public String passed() {
        return breaks == null ? "" : breaks.passed(shown);
    }

    /**
     * Continues after a lost connection. If the stream lacks entries after those that were shown, the event log gets a new
     * state. Latest events that Redis has lost are appended again, because this node still has them.
     */
    @Override
    public Future<Void> joined(Joined joined) {
        backlog = backlog(joined);
        LogState state = joined.state();
        boolean broken = isBroken(state);
        if (!broken && !shown.isBefore(state.whole())) {
            begin(joined);
            tail.start();
            return Future.succeededFuture();
        }
        var loader = new StateLoader(joined.session(), retention);
        return loader.load()
                .compose(loaded -> broken ? restore(joined, loader, loaded) : Future.succeededFuture(loaded))
                .map(loaded -> {
                    reopen(joined, loaded);
                    return null;
                });
    }

    /** Appends latest events again. Other nodes may append older ones of the same channels; this node does not show those. */
    private Future<StateLoader.Loaded> restore(Joined joined, StateLoader loader, StateLoader.Loaded loaded) {
        List<Entry> missing = loaded.missing(listener.latest());
        List<ChannelName> channels = missing.stream().map(Entry::channel).toList();
        return batches.restore(joined.session(), missing)
                .compose(restored -> loader.reload(channels))
                .onSuccess(found -> latest = found.newest(channels));
    }

    private void reopen(Joined joined, StateLoader.Loaded loaded) {
        LogState state = joined.state();
        if (isBroken(state)) {
            LOG.warn(
                    "Redis may have lost entries after {}: all subscribers get a gap there",
                    state.breaks().lastLoss());
        }
        shown = state.whole();
        latest.values().removeIf(id -> !shown.isBefore(id));
        listener.reopen(state(state, loaded));
        begin(joined);
        tail.start();
    }

    private boolean isBroken(LogState state) {
        return state.breaks().hasLossSince(breaks);
    }

    private void begin(Joined joined) {
        LogState state = joined.state();
        session = joined.session();
        connected = true;
        breaks = state.breaks();
        history = new History(session, breaks);
        tail = new Tail(session, shown, replicas, membership::beat, this);
        membership.watch(session);
        batches.shown(shown);
        batches.connected(session);
        backlog.shown(shown);
    }

    @Override
    public void show(List<Entry> entries, EventId through) {
        shown = through;
        List<Entry> current = current(entries);
        if (!current.isEmpty()) {
            listener.show(current);
        }
        trimmer.shown(entries);
        batches.shown(through);
        backlog.shown(through);
    }

    /** Leaves out what is older than the latest events that were appended again. */
    private List<Entry> current(List<Entry> entries) {
        if (latest.isEmpty()) {
            return entries;
        }
        List<Entry> current = entries.stream()
                .filter(entry -> !entry.id().isBefore(latest.getOrDefault(entry.channel(), EventId.FIRST)))
                .toList();
        entries.forEach(entry -> latest.remove(entry.channel(), entry.id()));
        return current;
    }

    @Override
    public void forget(Collection<ChannelName> channels) {
        listener.forget(channels);
    }

    @Override
    public void unconfirmed() {
        listener.failed(tooFewReplicas());
    }

    /** Returns a failure whose message never changes, because the event log logs each new message. */
    private RedisUnavailableException tooFewReplicas() {
        return new RedisUnavailableException(
                "fewer than " + replicas + " replicas have the last entries (log.redis.replicas)");
    }

    @Override
    public void lost(RedisUnavailableException cause) {
        end(cause);
        shown = breaks.lastEntry(shown); // no loss if the next run does not have the beginning of this one
        batches.disconnected();
        listener.failed(cause);
    }

    /** Records a mistake in the configuration, such as a wrong password. The next probe reports it. */
    @Override
    public void unreachable(Throwable cause) {
        if (cause instanceof ConfException) {
            problem = new RedisUnavailableException(cause.getMessage());
        }
    }

    @Override
    public void cannotWrite(Throwable cause) {
        listener.failed(cause);
    }

    private void end(RedisUnavailableException cause) {
        problem = cause;
        session = null;
        connected = false;
        history = null;
        tail.stop();
        backlog.fail(cause);
    }

    /** Runs the work with the current session. Fails if there is none. */
    <T> Future<T> withSession(Function<Session, Future<T>> work) {
        return session == null ? Future.failedFuture(problem) : work.apply(session);
    }

    <T> Future<T> withHistory(Function<History, Future<T>> work) {
        return history == null ? Future.failedFuture(problem) : work.apply(history);
    }

    Future<List<Outcome>> append(List<Publication> publications) {
        return withSession(current -> batches.append(publications));
    }

    /** Also waits until this node has caught up, because publishers are answered only after that. */
    Future<Void> probe() {
        return withSession(current -> caughtUp())
                .compose(caughtUp -> withSession(
                        current -> tail.isConfirmed() ? batches.probe() : Future.failedFuture(tooFewReplicas())))
                .recover(failure -> Future.failedFuture(session == null ? problem : failure));
    }

    Future<Boolean> trim(long nowMillis, long receiptsMillis, EventId settled) {
        Session trimmed = session;
        return trimmed == null
                ? Future.succeededFuture(false)
                : trimmer.step(trimmed, nowMillis, receiptsMillis, settled)
                        .recover(failure ->
                                trimmed == session ? Future.failedFuture(failure) : Future.succeededFuture(false));
    }

    Future<Void> close() {
        Session left = session;
        if (left != null) {
            end(new RedisUnavailableException("the log is closed"));
        }
        batches.close();
        return membership.close(left);
    }
}
