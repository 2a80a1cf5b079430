package dev.crier.log.redis;

import dev.crier.config.RedisConf;
import dev.crier.event.EventId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Keeps this process a node of the log: connects, joins, sends a beat several times a second, and connects again for ever.
 * The store's context alone uses this class.
 */
final class Membership {

    private static final long BEAT_MILLIS = 400;

    /** How long the first node that finds a new process of Redis waits for the other nodes. */
    private static final long OTHERS_MILLIS = 5_000;

    /** How often a node that waits for others asks whether they have come. */
    private static final long WAIT_MILLIS = 100;

    private static final long MIN_PAUSE_MILLIS = 50;
    private static final long MAX_PAUSE_MILLIS = 2_000;

    /** What this node has shown, and what it does when the connection changes. */
    interface Node {

        EventId shown();

        String epoch();

        /** Uses the new session, or fails if that is lost already. */
        Future<Void> joined(Joined joined);

        void lost(RedisUnavailableException cause);

        /** Reports that Redis refuses to write, for example because it cannot write its file. */
        void cannotWrite(Throwable cause);

        /** Notes why connecting again has failed. The next attempt follows by itself. */
        void unreachable(Throwable cause);
    }

    private final Vertx vertx;
    private final Dialer dialer;
    private final Keys keys;
    private final String id;
    private final LongSupplier nowMillis;
    private final Node node;
    private long beating = -1;
    private boolean beatPending;
    private long pauseMillis = MIN_PAUSE_MILLIS;
    private boolean closed;

    /** @param nowMillis the log's own time */
    Membership(Vertx vertx, RedisConf conf, String id, LongSupplier nowMillis, Node node) {
        this.vertx = vertx;
        this.dialer = new Dialer(vertx, conf);
        this.keys = new Keys(conf.prefix());
        this.id = id;
        this.nowMillis = nowMillis;
        this.node = node;
    }

    /** Connects and joins once. */
    Future<Joined> connect() {
        return dialer.dial().compose(link -> join(link).onFailure(failure -> link.close()));
    }

    private Future<Joined> join(RedisLink link) {
        ServerInfo server = link.server();
        return link.commands()
                .send(Script.JOIN.call(
                        keys,
                        id,
                        node.epoch(),
                        server.run(),
                        node.shown(),
                        nowMillis.getAsLong(),
                        server.hasFile() ? 1 : 0,
                        OTHERS_MILLIS))
                .compose(answer -> {
                    if (closed) {
                        return Future.failedFuture(new RedisUnavailableException("the log is closed"));
                    }
                    if (LogState.mustWait(answer)) {
                        return vertx.timer(WAIT_MILLIS, TimeUnit.MILLISECONDS).compose(waited -> join(link));
                    }
                    LogState state = LogState.parse(answer);
                    return Future.succeededFuture(new Joined(new Session(link, state.epoch(), keys), state));
                });
    }

    /** Sends beats over the session, and connects again when it is lost. Leaves if the log was closed meanwhile. */
    void watch(Session session) {
        if (closed) {
            close(session);
            return;
        }
        pauseMillis = MIN_PAUSE_MILLIS;
        beatPending = false;
        session.link().onLost(cause -> {
            vertx.cancelTimer(beating);
            node.lost(cause);
            reconnectLater();
        });
        beating = vertx.setPeriodic(BEAT_MILLIS, timer -> beat(session));
    }

    private void beat(Session session) {
        if (beatPending) {
            return;
        }
        beatPending = true;
        session.link().reads().send(Request.cmd(Command.PING)); // its silence is noticed too
        session.link()
                .commands()
                .send(beat(session, node.shown()))
                .onSuccess(answer -> beatPending = false)
                .onFailure(failure -> beatFailed(session, failure));
    }

    /** Stays connected if Redis only refuses to write, because it can still be read. */
    private void beatFailed(Session session, Throwable failure) {
        if (RedisError.isAnswer(failure) && !RedisError.needsReconnect(failure)) {
            beatPending = false;
            node.cannotWrite(failure);
        } else {
            session.link().lose(failure);
        }
    }

    /** Returns the write by which a node shows that it is alive. */
    Request beat(Session session, EventId shown) {
        return Script.BEAT.call(keys, id, session.epoch(), session.run(), shown, nowMillis.getAsLong());
    }

    private void reconnectLater() {
        long jittered = pauseMillis / 2 + ThreadLocalRandom.current().nextLong(pauseMillis / 2 + 1);
        pauseMillis = Math.min(MAX_PAUSE_MILLIS, pauseMillis * 2);
        vertx.setTimer(jittered, timer -> reconnect());
    }

    private void reconnect() {
        if (closed) {
            return;
        }
        connect()
                .compose(joined -> node.joined(joined)
                        .onFailure(failure -> joined.session().link().close()))
                .onFailure(failure -> {
                    node.unreachable(failure);
                    reconnectLater();
                });
    }

    /** Leaves the log in order. */
    Future<Void> close(Session session) {
        closed = true;
        vertx.cancelTimer(beating);
        if (session == null) {
            return Future.succeededFuture();
        }
        session.link().onLost(cause -> {});
        return session.link()
                .commands()
                .send(Script.LEAVE.call(keys, id, session.run()))
                .transform(left -> {
                    session.link().close();
                    return Future.succeededFuture();
                });
    }
}
