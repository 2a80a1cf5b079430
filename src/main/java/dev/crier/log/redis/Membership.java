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
 * Keeps this process a node of the log: connects, joins, sends a beat every 400 milliseconds, and reconnects until it is
 * closed. Only the store's context uses this class.
 */
final class Membership {

    private static final long BEAT_MILLIS = 400;

    /** The longest time that nodes wait for each other when they find a new run of Redis. */
    private static final long OTHERS_MILLIS = 5_000;

    /** The pause before a node that waits for others tries to join again. */
    private static final long WAIT_MILLIS = 100;

    private static final long MIN_PAUSE_MILLIS = 50;
    private static final long MAX_PAUSE_MILLIS = 2_000;

    /** Says what this node has shown, and reacts to changes of the connection. */
    interface Node {

        EventId shown();

        /** Returns the breaks that this node has passed, or "" if it has not joined before. */
        String passed();

        /** Starts to use the new session. Fails if it is lost meanwhile. */
        Future<Void> joined(Joined joined);

        void lost(RedisUnavailableException cause);

        /** Reports that Redis refuses writes, for example because it cannot write its file. */
        void cannotWrite(Throwable cause);

        /** Reports why a reconnection has failed. The next attempt follows by itself. */
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

    /** How long Redis took to answer the last beat; negative if there was none yet. */
    private volatile double delayMillis = -1;

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
                        node.passed(),
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

    /** Sends beats over the session, and reconnects when it is lost. Leaves at once if the log was closed meanwhile. */
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
        session.link().reads().send(Request.cmd(Command.PING)); // so that silence of this connection is noticed
        long sent = System.nanoTime();
        session.link()
                .commands()
                .send(beat(session, node.shown()))
                .onSuccess(answer -> {
                    beatPending = false;
                    delayMillis = (System.nanoTime() - sent) / 1e6;
                })
                .onFailure(failure -> beatFailed(session, failure));
    }

    /** Stays connected if Redis only refuses writes, because reads still work. */
    private void beatFailed(Session session, Throwable failure) {
        if (RedisError.isAnswer(failure) && !RedisError.needsReconnect(failure)) {
            beatPending = false;
            node.cannotWrite(failure);
        } else {
            session.link().lose(failure);
        }
    }

    /** Returns the request that records that this node is alive, and the newest id that it has shown. */
    Request beat(Session session, EventId shown) {
        return Script.BEAT.call(keys, id, session.epoch(), session.run(), shown, nowMillis.getAsLong());
    }

    /** Returns how long Redis took to answer the last beat; negative if there was none yet. Thread-safe. */
    double delayMillis() {
        return delayMillis;
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

    /** Stops the beats, and removes this node from the log so that no other node waits for it. */
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
